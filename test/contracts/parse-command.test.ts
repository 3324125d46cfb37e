import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Command, CommandOf } from '../../src/contracts/commands.ts';
import { commandTypes } from '../../src/contracts/commands.ts';
import { mostBodyBytes, parseCommand } from '../../src/contracts/parse-command.ts';
import { rejection, rejectionReasons } from '../../src/contracts/rejections.ts';
import { violations } from '../../src/contracts/violations.ts';
import accepted from './fixtures/accepted-commands.json' with { type: 'json' };
import rejected from './fixtures/rejected-commands.json' with { type: 'json' };

const acceptedByName: Readonly<Record<string, unknown>> = accepted;
const plainest = 'a request for a named scope map, with as little as can be said';

interface RejectedFixture {
  readonly event?: unknown;
  /** The accepted fixture that this one differs from. */
  readonly like?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly without?: string;
  readonly reason: string;
  readonly problems: readonly string[];
}

function parse(value: unknown) {
  return parseCommand(new TextEncoder().encode(JSON.stringify(value)));
}

function eventOf(fixture: RejectedFixture): unknown {
  if (fixture.event !== undefined) return fixture.event;
  const event = structuredClone(acceptedByName[fixture.like ?? plainest]);
  for (const [path, value] of Object.entries(fixture.with ?? {})) put(event, path.split('.'), value);
  if (fixture.without) put(event, fixture.without.split('.'), undefined);
  return event;
}

function put(target: unknown, [name = '', ...deeper]: readonly string[], value: unknown): void {
  if (typeof target !== 'object' || target === null) throw new Error(`There is nothing to set ${name} in`);
  if (deeper.length > 0) put(Reflect.get(target, name), deeper, value);
  else Reflect.set(target, name, value);
}

describe('a message becomes a command if it is', () => {
  it.each(Object.keys(accepted))('%s', (name) => {
    expect(parse(acceptedByName[name])).toMatchObject({ ok: true });
  });

  it('read in one form: UTC, lower-case registry, defaults filled in, extension attributes left out', () => {
    expect(parse(accepted['a request for own repositories, with everything said'])).toMatchObject({
      command: { time: '2026-03-01T12:00:00.000Z', data: { registry: 'contoso', token: 'web-team' } },
    });
    expect(parse(accepted['a request for own repositories, with everything said'])).not.toHaveProperty(
      'command.traceparent',
    );
    expect(parse(accepted['a rotation'])).toHaveProperty('command.data.compromised', false);
  });

  it('of a type that the fixtures show, or one with a reason as a revocation has it', () => {
    const shown = new Set(Object.values(accepted).map(({ type }) => type));
    const asRevocation = commandTypes.filter((type) => !shown.has(type));
    expect(asRevocation).toEqual([
      'keyturn.token.disable-requested',
      'keyturn.token.enable-requested',
      'keyturn.token.deletion-requested',
      'keyturn.token.reinstatement-requested',
    ]);
    for (const type of asRevocation)
      expect(parse({ ...accepted['a revocation'], type })).toMatchObject({ ok: true, command: { type } });
  });
});

describe('a message is set aside, with reason, paths and codes, if it has', () => {
  const fixtures: Readonly<Record<string, RejectedFixture>> = rejected;

  it.each(Object.entries(fixtures))('%s', (_name, fixture) => {
    const parsed = parse(eventOf(fixture));
    if (parsed.ok) throw new Error('It was accepted');
    const details = parsed.rejection.description.split(': ')[1];
    expect(parsed.rejection.reason).toBe(fixture.reason);
    expect(details?.split('; ') ?? []).toEqual(fixture.problems);
  });

  it.each([
    ['bytes that are not UTF-8', [0x22, 0xff, 0x22]],
    ['nothing in it', []],
    ['JSON that ends early', [...Buffer.from('{"type":')]],
    ['brackets without end', Array<number>(mostBodyBytes).fill(0x5b)],
  ])('%s', (_name, bytes) => {
    expect(parseCommand(Uint8Array.from(bytes))).toMatchObject({ rejection: { reason: 'notJson' } });
  });

  it('one byte more than fits into a table row', () => {
    const padded = (bytes: number) =>
      Buffer.from(JSON.stringify(accepted['a rotation']).padEnd(bytes, ' '), 'utf8');
    expect(parseCommand(padded(mostBodyBytes))).toMatchObject({ ok: true });
    expect(parseCommand(padded(mostBodyBytes + 1))).toMatchObject({ rejection: { reason: 'tooLarge' } });
  });

  it('more actions than a scope map takes', () => {
    const request = accepted[plainest];
    const repositories = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`r${n}`, ['content/read']]));
    const asking = (count: number) => ({
      ...request,
      data: { ...request.data, access: { repositories: repositories(count) } },
    });
    expect(parse(asking(500))).toMatchObject({ ok: true });
    expect(parse(asking(501))).toMatchObject({
      rejection: { description: expect.stringContaining('data.access.repositories tooManyActions') },
    });
  });
});

describe('the text of a rejection', () => {
  it('names ten problems and counts the others, and fits into a message property', () => {
    const problems = Array.from({ length: 500 }, (_, index) => ({
      path: `data.access.repositories.*[${index}]`,
      violation: 'overlapNotBelowRotateEvery' as const,
    }));
    const { description } = rejection('invalidData', problems);
    expect(description).toContain('[9] overlapNotBelowRotateEvery; and 490 more');
    expect(description.length).toBeLessThan(1_024);
  });

  it('has no colon in any of its parts, so that reason and details can be told apart', () => {
    for (const text of Object.values(rejectionReasons)) expect(text).not.toMatch(/[:;]/);
    for (const code of Object.keys(violations)) expect(code).toMatch(/^[a-zA-Z]+$/);
  });
});

describe('a command type', () => {
  it('decides the type of the data', () => {
    expectTypeOf<
      CommandOf<'keyturn.token.rotation-requested'>['data']['compromised']
    >().toEqualTypeOf<boolean>();
    expectTypeOf<CommandOf<'keyturn.token.requested'>['data']['owner']>().toEqualTypeOf<string>();
    expectTypeOf<Command['data']['owner']>().toEqualTypeOf<string | undefined>();
  });

  it('must be looked at before the data is read', () => {
    const reasonOf = (command: Command) => {
      // @ts-expect-error A request has no reason.
      return command.data.reason;
    };
    expect(reasonOf).toBeTypeOf('function');
  });
});
