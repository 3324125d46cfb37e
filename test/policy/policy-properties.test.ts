import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Grant,
  grantsOf,
  type Repositories,
  repositoryActions,
  scopeMapActions,
} from '../../src/contracts/access.ts';
import { type Command, commandTypes } from '../../src/contracts/commands.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Judged, PolicyFacts } from '../../src/policy/judged.ts';
import type { Policy } from '../../src/policy/policy-document.ts';
import { allows } from '../../src/policy/repository-containment.ts';
import { arbitraryCommand, instant, ownerName, repositories } from '../contracts/arbitrary-command.ts';
import { policy, profiles } from './build.ts';

const all = { '*': [...repositoryActions] };

/** Policies that allow a good part of the commands that are made here. */
const arbitraryPolicy: fc.Arbitrary<Policy> = fc
  .record({
    repositories: fc.oneof(repositories, fc.constant(all)),
    profiles: fc.shuffledSubarray(['standard', 'live', 'device'], { minLength: 2 }),
    commands: fc.shuffledSubarray([...commandTypes], { minLength: 5 }),
    bounds: fc.record(
      {
        minimumRotateEvery: fc.constantFrom('P1D', 'P60D'),
        maximumRotateEvery: fc.constantFrom('P60D', 'P200D'),
        minimumOverlap: fc.constantFrom('P1D', 'P14D'),
        maximumOverlap: fc.constantFrom('P14D', 'P60D'),
        maximumLifetime: fc.constantFrom('P90D', 'P7300D'),
      },
      { requiredKeys: [] },
    ),
    quotas: fc.record({
      tokens: fc.integer({ min: 1, max: 9 }),
      commandsPerHour: fc.integer({ min: 1, max: 9 }),
    }),
    manages: fc.subarray([
      { entrance: 'partners' },
      { entrance: 'unmanaged' },
      { entrance: 'devices', tokens: ['a*'] },
    ]),
  })
  .map((changes) => policy({ sources: ['*'], owners: ['*'], tokens: ['*'], secretNames: ['*'], ...changes }));

const facts: fc.Arbitrary<Partial<PolicyFacts>> = fc.record(
  {
    token: fc.oneof(
      fc.constant('none' as const),
      fc.record({
        entrance: fc.constantFrom('token-requests', 'partners', 'devices'),
        owner: ownerName,
        profile: fc.constantFrom('standard', 'live', 'device'),
      }),
    ),
    actionsThen: repositories.map(scopeMapActions),
    tokensOfEntrance: fc.integer({ min: 0, max: 6 }),
    commandsInLastHour: fc.integer({ min: 0, max: 6 }),
  },
  { requiredKeys: [] },
);

/** Commands for a registry that the policy lists; one in two from the token's owner, for a map that it lists. */
const judged: fc.Arbitrary<Judged> = fc
  .record({
    command: arbitraryCommand,
    policy: arbitraryPolicy,
    facts,
    now: instant,
    listed: fc.boolean(),
    own: fc.boolean(),
  })
  .map(({ listed, own, ...given }) => {
    const { data } = given.command;
    const scopeMap = 'access' in data && 'scopeMap' in data.access ? data.access.scopeMap : undefined;
    const scopeMaps = listed && scopeMap ? [scopeMap] : [];
    const token = { entrance: 'token-requests', owner: data.owner ?? 'web', profile: 'standard' };
    return {
      entrance: 'token-requests',
      profiles,
      ...given,
      policy: { ...given.policy, registries: [data.registry], scopeMaps },
      facts: own ? { ...given.facts, token } : given.facts,
    };
  });

describe('a policy', () => {
  it('allows nothing more when it is made narrower', () => {
    const narrowing = fc.record({
      without: fc.constantFrom(
        'sources',
        'owners',
        'commands',
        'registries',
        'tokens',
        'scopeMaps',
        'secretNames',
        'manages',
      ),
      fewerRepositories: fc.boolean(),
      tighter: fc.boolean(),
    } as const);
    fc.assert(
      fc.property(judged, narrowing, (given, { without, fewerRepositories, tighter }) => {
        const narrower: Policy = {
          ...given.policy,
          [without]: given.policy[without].slice(1),
          repositories: fewerRepositories
            ? withoutFirst(given.policy.repositories)
            : given.policy.repositories,
          // The first profile stays, since it is also what a request gets that names none.
          ...(tighter ? { profiles: given.policy.profiles.slice(0, 1), ...tightest } : {}),
        };
        if (evaluate({ ...given, policy: narrower }).allowed)
          expect(evaluate(given)).toEqual({ allowed: true });
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not widened by anything in a message: what is allowed lies within it, by every one of its lists', () => {
    let allowed = 0;
    fc.assert(
      fc.property(judged, (given) => {
        if (!evaluate(given).allowed) return;
        allowed += 1;
        expectWithin(given.command, given.policy);
      }),
      { numRuns: 3_000 },
    );
    expect(allowed).toBeGreaterThan(500);
  });

  it('is not changed by judging', () => {
    fc.assert(
      fc.property(judged, (given) => {
        const before = structuredClone(given);
        evaluate(given);
        expect(given).toEqual(before);
      }),
    );
  });

  it('lets nobody touch the token of another entrance that it does not manage, nor request it again', () => {
    fc.assert(
      fc.property(judged, fc.constantFrom('partners', 'devices'), ownerName, (given, entrance, owner) => {
        const token = { entrance, owner, profile: 'standard' };
        const unmanaged = {
          ...given,
          policy: { ...given.policy, manages: [] },
          facts: { ...given.facts, token },
        };
        expect(evaluate(unmanaged).allowed).toBe(false);
        const managed = { ...given, facts: { ...given.facts, token } };
        if (given.command.type === 'keyturn.token.requested') expect(evaluate(managed).allowed).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('allows nothing if it lists nothing', () => {
    const empty = {
      sources: [],
      owners: [],
      commands: [],
      registries: [],
      tokens: [],
      repositories: {},
      scopeMaps: [],
    };
    fc.assert(
      fc.property(judged, (given) => {
        expect(evaluate({ ...given, policy: { ...given.policy, ...empty } }).allowed).toBe(false);
      }),
    );
  });
});

const tightest: Pick<Policy, 'bounds' | 'quotas'> = {
  bounds: {
    minimumRotateEvery: 'P60D',
    maximumRotateEvery: 'P60D',
    minimumOverlap: 'P14D',
    maximumOverlap: 'P14D',
    maximumLifetime: 'P90D',
  },
  quotas: { tokens: 1, commandsPerHour: 1 },
};

function withoutFirst(allowed: Repositories): Policy['repositories'] {
  return Object.fromEntries(
    Object.entries(allowed)
      .slice(1)
      .map(([name, actions]) => [name, [...actions]]),
  );
}

function expectWithin(command: Command, { commands, registries, repositories, scopeMaps }: Policy): void {
  expect(commands).toContain(command.type);
  expect(registries).toContain(command.data.registry);
  for (const grant of grantsAskedFor(command)) expect(allows(repositories, grant)).toBe(true);
  if ('access' in command.data && 'scopeMap' in command.data.access)
    expect(scopeMaps).toContain(command.data.access.scopeMap);
}

function grantsAskedFor(command: Command): Grant[] {
  if (!('access' in command.data)) return [];
  const { access } = command.data;
  if ('repositories' in access) return grantsOf(access.repositories);
  return 'added' in access && access.added ? grantsOf(access.added) : [];
}
