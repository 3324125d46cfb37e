import fc from 'fast-check';
import { repositoryActions } from '../../src/contracts/access.ts';
import { subjectOf } from '../../src/contracts/cloud-event.ts';
import type { Command, CommandType } from '../../src/contracts/commands.ts';
import { latestInstant } from '../../src/contracts/instants.ts';

// Commands as they are after parsing: any that is made here, sent and parsed, is itself again.

export const registryName = fc.stringMatching(/^[a-z0-9]{5,20}(-[a-z0-9]{2,9}){0,2}$/);
export const tokenName = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{4,49}$/);
export const ownerName = fc.stringMatching(/^[a-z0-9][a-zA-Z0-9._@/+:-]{0,30}$/);
const scopeMapName = fc.stringMatching(/^[a-zA-Z0-9_-]{5,50}$/);
const secretName = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,60}$/);
const text = fc.stringMatching(/^[\p{L}\p{N}\p{P} ]{1,40}$/u);

const segment = fc.constantFrom('a', 'b', 'team', 'team-a', 'x.y', 'constructor');
export const repositoryName = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));
/** A repository, or a wildcard. */
export const repository = fc.oneof(
  repositoryName,
  repositoryName.map((prefix) => `${prefix}/*`),
  fc.constant('*'),
);
export const repositories = fc.dictionary(repository, fc.subarray([...repositoryActions], { minLength: 1 }), {
  minKeys: 1,
  maxKeys: 5,
  noNullPrototype: true,
});

export const instant = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date(latestInstant), noInvalidDate: true })
  .map((date) => date.toISOString());

const days = (fewest: number, most: number) => fc.integer({ min: fewest, max: most }).map((n) => `P${n}D`);

const access = fc.oneof(fc.record({ scopeMap: scopeMapName }), fc.record({ repositories }));

const maybe = { requiredKeys: [] as [] };

const requestData = fc
  .tuple(
    fc.record({ registry: registryName, token: tokenName, owner: ownerName, access }),
    fc.record(
      {
        purpose: text,
        profile: fc.constantFrom('standard', 'live', 'device'),
        rotateEvery: days(51, 200),
        overlap: days(1, 50),
        delivery: fc.record(
          { format: fc.constantFrom('password' as const, 'dockerConfigJson' as const), secretName },
          { requiredKeys: ['format'] },
        ),
      },
      maybe,
    ),
    fc.oneof(fc.record({ expiresAt: instant }, maybe), fc.record({ lifetime: days(1, 900) }, maybe)),
  )
  .map(([required, optional, end]) => ({ ...required, ...optional, ...end }));

const adoptionData = fc
  .tuple(requestData, fc.constantFrom('password1' as const, 'password2' as const))
  .map(([{ access: _access, ...request }, slot]) => ({ ...request, slot }));

const ofToken = fc.record(
  { registry: registryName, token: tokenName, owner: ownerName },
  { requiredKeys: ['registry', 'token'] },
);

const rotationData = fc
  .tuple(
    ofToken,
    fc.record({ compromised: fc.boolean() }),
    fc.record({ reason: text, previousValidFor: days(1, 30) }, maybe),
  )
  .map(([token, compromised, optional]) => ({ ...token, ...compromised, ...optional }));

const changeData = fc
  .tuple(
    ofToken,
    fc.oneof(
      fc.record({ scopeMap: scopeMapName }),
      fc.record({ added: repositories, removed: repositories }, { requiredKeys: ['added'] }),
      fc.record({ added: repositories, removed: repositories }, { requiredKeys: ['removed'] }),
    ),
  )
  .map(([token, change]) => ({ ...token, access: change }));

const reasonData = fc
  .tuple(ofToken, fc.record({ reason: text }))
  .map(([token, rest]) => ({ ...token, ...rest }));

function command<Type extends CommandType, Data extends { registry: string; token: string }>(
  type: Type,
  data: fc.Arbitrary<Data>,
) {
  return fc.record({ id: text, source: text, time: instant, data }).map((event) => ({
    specversion: '1.0' as const,
    type,
    subject: subjectOf(event.data.registry, event.data.token),
    ...event,
  }));
}

export const arbitraryCommand: fc.Arbitrary<Command> = fc.oneof(
  command('keyturn.token.requested', requestData),
  command('keyturn.token.adoption-requested', adoptionData),
  command('keyturn.token.rotation-requested', rotationData),
  command('keyturn.token.access-changed', changeData),
  command('keyturn.token.disable-requested', reasonData),
  command('keyturn.token.enable-requested', reasonData),
  command('keyturn.token.deletion-requested', reasonData),
  command('keyturn.token.revocation-requested', reasonData),
  command('keyturn.token.reinstatement-requested', reasonData),
);
