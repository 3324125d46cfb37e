import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRegistryReports } from '../../src/registry-activity/read-registry-reports.ts';
import { repetitions } from '../counts.ts';
import {
  applicationClaims,
  bodyOf,
  cloudEvent,
  dataOf,
  eventGridEvent,
  registryId,
  userClaims,
} from './reports-by-hand.ts';

const numRuns = repetitions({ quick: 1_000, soak: 100_000 });
const marker = 'zyxMARKERxyz';
const token = `${registryId}/tokens/first-token`;

const goodEvent = fc
  .tuple(
    fc.constantFrom(eventGridEvent, cloudEvent),
    fc.constantFrom('tokens/write', 'tokens/delete', 'generateCredentials/action', 'write'),
    fc.constantFrom(applicationClaims, userClaims),
  )
  .map(([schema, operation, claims]) => schema(dataOf(operation, token, { claims })));

/** The places in a value that hold something, as paths. */
function pathsIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

/** A copy of the value with something else in one place; without `into` that place is taken away. */
function changed(value: unknown, [key, ...rest]: string[], into: unknown): unknown {
  if (key === undefined) return into;
  const inner = (value as Record<string, unknown>)[key];
  return { ...(value as object), [key]: changed(inner, rest, into) };
}

const damagedEvent = goodEvent.chain((event) =>
  fc
    .tuple(
      fc.constantFrom(...pathsIn(event)),
      fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.string({ unit: 'binary' })),
    )
    .map(([path, into]) => changed(event, path, into)),
);

/** Puts a field that nobody knows beside every other. */
function withMarkers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.entries(value).map(([key, one]) => [key, withMarkers(one)]);
  return { ...Object.fromEntries(inner), [`new${marker}`]: marker, nested: { [marker]: [marker] } };
}

describe('whatever comes', () => {
  it(`as bytes or JSON is read or refused, and never crashes the reader (${numRuns} tries)`, () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.array(fc.oneof(goodEvent, damagedEvent, fc.jsonValue()), { maxLength: 4 }).map(bodyOf),
      damagedEvent.map((event) => Buffer.from(JSON.stringify(event) ?? '')),
    );
    fc.assert(
      fc.property(body, (bytes) => {
        expect(typeof readRegistryReports(bytes).ok).toBe('boolean');
      }),
      { numRuns },
    );
  });

  it(`in fields that nobody knows goes no further (${numRuns} tries)`, () => {
    fc.assert(
      fc.property(goodEvent, fc.boolean(), (event, inArray) => {
        const marked = withMarkers(event);
        const read = readRegistryReports(bodyOf(inArray ? [marked] : marked));
        expect(read).toMatchObject({ ok: true, reports: [{}] });
        expect(read).toEqual(readRegistryReports(bodyOf(event)));
        expect(JSON.stringify(read)).not.toContain(marker);
      }),
      { numRuns: Math.min(numRuns, 1_000) },
    );
  });

  it(`in an event that is refused is not repeated (${numRuns} tries)`, () => {
    const texts = fc.string().map((text) => `${marker}${text}`);
    const broken = goodEvent.chain((event) =>
      fc
        .tuple(
          fc.constantFrom(...pathsIn(event)),
          fc.oneof(texts, fc.dictionary(texts, texts), fc.array(texts)),
        )
        .map(([path, into]) => changed(event, path, into)),
    );
    fc.assert(
      fc.property(broken, (event) => {
        const read = readRegistryReports(bodyOf(event));
        if (!read.ok) expect(JSON.stringify(read)).not.toContain(marker);
      }),
      { numRuns },
    );
  });

  it('as text that people will see has no control characters and an end', () => {
    const text = fc.string({ unit: 'binary', maxLength: 2_000 });
    const claims = fc.record({ upn: text, oid: text, appid: text, ipaddr: text });
    fc.assert(
      fc.property(claims, text, text, (given, correlationId, clientRequestId) => {
        const data = dataOf('tokens/write', token, {
          claims: given,
          correlationId,
          httpRequest: { clientRequestId },
        });
        const read = readRegistryReports(bodyOf(eventGridEvent(data)));
        if (!read.ok) throw new Error('No report is lost for such text.');
        for (const { actor, ...report } of read.reports)
          for (const shown of [...Object.values(actor), report.correlationId, report.clientRequestId]) {
            expect([...(shown ?? '')].length).toBeLessThanOrEqual(256);
            expect(shown ?? '').not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
          }
      }),
      { numRuns: Math.min(numRuns, 2_000) },
    );
  });
});
