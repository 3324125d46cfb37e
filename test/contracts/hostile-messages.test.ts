import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDigest } from '../../src/contracts/command-key.ts';
import { parseCommand } from '../../src/contracts/parse-command.ts';
import { rejectionReasons } from '../../src/contracts/rejections.ts';
import { violations } from '../../src/contracts/violations.ts';
import { arbitraryCommand } from './arbitrary-command.ts';

const canary = 'CANARY';

/** JSON in which every text, also every field's name, holds the canary. */
const hostileJson = fc.jsonValue({ maxDepth: 4 }).map((value) => mark(value));

function mark(value: unknown): unknown {
  if (typeof value === 'string') return `${canary}${value}`;
  if (Array.isArray(value)) return value.map(mark);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [`${canary}${key}`, mark(inner)]));
}

/** A command in which something, somewhere, was put in the place of something else, or beside it. */
const damagedCommand = fc
  .record({
    command: arbitraryCommand,
    inData: fc.boolean(),
    way: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
    hostile: hostileJson,
    beside: fc.boolean(),
  })
  .map(({ command, inData, way, hostile, beside }) => {
    const damaged = structuredClone(command);
    damage(inData ? damaged.data : damaged, way, hostile, beside);
    return damaged;
  });

function damage(target: unknown, [turn = 0, ...way]: number[], hostile: unknown, beside: boolean): void {
  if (typeof target !== 'object' || target === null) return;
  const names = Object.keys(target);
  const name = names[turn % Math.max(1, names.length)] ?? '0';
  const inner: unknown = Reflect.get(target, name);
  if (way.length > 0 && typeof inner === 'object' && inner !== null) damage(inner, way, hostile, beside);
  else Reflect.set(target, beside ? `${canary}-${name}` : name, hostile);
}

/** What a rejection may say: words of ours, paths and codes. */
function expectNothingOfTheMessage(body: Uint8Array): void {
  const parsed = parseCommand(body);
  if (parsed.ok) return;
  const { reason, description } = parsed.rejection;
  expect(description).not.toContain(canary);
  expect(description.length).toBeLessThan(1_024);
  const [text, details] = description.split(': ');
  expect(text).toBe(rejectionReasons[reason]);
  for (const problem of details?.split('; ') ?? [])
    expect(problem).toMatch(
      new RegExp(`^([\\w.*[\\]]+ (${Object.keys(violations).join('|')})|and \\d+ more)$`),
    );
}

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('whatever is sent', () => {
  it('as a damaged command is parsed or set aside without a word of it (6,000 tries)', () => {
    fc.assert(
      fc.property(damagedCommand, (event) => expectNothingOfTheMessage(bytesOf(event))),
      { numRuns: 6_000 },
    );
  });

  it('as any JSON is set aside without a word of it (2,000 tries)', () => {
    fc.assert(
      fc.property(hostileJson, (value) => expectNothingOfTheMessage(bytesOf(value))),
      { numRuns: 2_000 },
    );
  });

  it('as any bytes is set aside without a word of it (2,000 tries)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseCommand(bytes)).toMatchObject({ ok: false });
        expectNothingOfTheMessage(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['as names', (length: number) => ({ [`${'a-'.repeat(length)}!`]: ['content/read'] })],
    ['as segments', (length: number) => ({ [`${'a/'.repeat(length)}!`]: ['content/read'] })],
    ['as fields', (length: number) => Object.fromEntries(Array.from({ length }, (_, n) => [`a${n}`, 1]))],
  ])('with very long lists or names is judged without getting stuck: %s', (_name, repositories) => {
    const event = (length: number) => ({
      type: 'keyturn.token.requested',
      data: { access: { repositories: repositories(length) } },
    });
    expect(parseCommand(bytesOf(event(5_000)))).toMatchObject({ ok: false });
  });
});

describe('a command that is sent', () => {
  it('is the one that arrives', () => {
    fc.assert(
      fc.property(arbitraryCommand, (command) => {
        expect(parseCommand(bytesOf(command))).toEqual({ ok: true, command });
      }),
      { numRuns: 1_000 },
    );
  });

  it('has the same digest however its fields are ordered, and another one when something differs', () => {
    fc.assert(
      fc.property(arbitraryCommand, (command) => {
        const reordered = parseCommand(bytesOf(reversed(command)));
        if (!reordered.ok) throw new Error(reordered.rejection.description);
        expect(contentDigest(reordered.command)).toBe(contentDigest(command));
        expect(contentDigest({ ...command, subject: 'contoso/other' })).not.toBe(contentDigest(command));
        expect(contentDigest({ ...command, time: '2019-01-01T00:00:00.000Z' })).not.toBe(
          contentDigest(command),
        );
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}
