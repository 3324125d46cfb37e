import { describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/contracts/event-data.ts';
import type { TokenFinding } from '../../../src/contracts/findings.ts';
import { attribute } from '../../../src/lifecycle/drift/attribution.ts';
import type { Deviation } from '../../../src/lifecycle/drift/compare.ts';
import {
  mergeObservations,
  type Observation,
  type ReportedChange,
} from '../../../src/lifecycle/drift/observation.ts';
import { at, hour, minute } from '../build.ts';

const sam: Actor = { kind: 'user', name: 'sam@contoso.example' };
const pipeline: Actor = {
  kind: 'application',
  name: 'pipeline',
  applicationId: '0c0c0c0c-0000-4000-8000-000000000003',
};
const policy: Actor = { kind: 'application', applicationId: '1d78a85d-813d-46f0-b496-dd72f50a3ec0' };

function report(operation: string, actor: Actor, changes: Partial<ReportedChange> = {}): ReportedChange {
  return { operation, at: at(0), actor, by: 'others', ...changes };
}

function deviation(finding: TokenFinding, ...found: (string | undefined)[]): Deviation {
  const differences = (found.length > 0 ? found : ['x']).map((each) => ({
    what: 'something',
    ...(each === undefined ? {} : { found: each }),
  }));
  return { finding, severity: 'critical', differences };
}

describe('what brought a finding about', () => {
  it.each<[sentence: string, Deviation, ReportedChange[], cause: string, actor: Actor | undefined]>([
    ['is a person', deviation('disabledOutOfBand'), [report('tokenWritten', sam)], 'person', sam],
    [
      'is automation',
      deviation('disabledOutOfBand'),
      [report('tokenWritten', pipeline)],
      'automation',
      pipeline,
    ],
    ['is unknown without a report', deviation('deletedOutOfBand'), [], 'unknown', undefined],
    [
      'is unknown if the report does not say who',
      deviation('deletedOutOfBand'),
      [report('tokenDeleted', { kind: 'unknown' }, { by: 'unknown' })],
      'unknown',
      { kind: 'unknown' },
    ],
    [
      'is Azure Policy by its application',
      deviation('disabledOutOfBand'),
      [report('tokenWritten', policy)],
      'azurePolicy',
      policy,
    ],
    [
      'is unknown where nobody but us is said to have written the token',
      deviation('disabledOutOfBand'),
      [report('tokenWritten', pipeline, { by: 'keyturn' })],
      'unknown',
      undefined,
    ],
    [
      'is a redeployment where no password is left',
      { ...deviation('passwordVanished'), differences: [{ what: 'passwords', found: 'none' }] },
      [report('tokenWritten', pipeline)],
      'redeployment',
      pipeline,
    ],
    [
      'is not what was done to something else',
      deviation('scopeMapContentChanged'),
      [report('tokenWritten', sam)],
      'unknown',
      undefined,
    ],
    [
      'is whoever made passwords when this one was made',
      deviation('unpublishedSlotRegenerated', at(hour)),
      [
        report('credentialsGenerated', pipeline, { at: at(0) }),
        report('credentialsGenerated', sam, { at: at(hour + minute) }),
      ],
      'person',
      sam,
    ],
    [
      'is unknown where nobody is said to have made passwords then',
      deviation('publishedDead', at(hour)),
      [report('credentialsGenerated', pipeline, { at: at(0) })],
      'unknown',
      undefined,
    ],
    [
      'is the last who did it',
      deviation('scopeMapChanged'),
      [report('tokenWritten', pipeline), report('tokenWritten', sam, { at: at(minute) })],
      'person',
      sam,
    ],
    [
      'is not told for what happens in a vault',
      deviation('secretMissing'),
      [report('tokenWritten', sam)],
      'unknown',
      undefined,
    ],
  ])('%s', (_sentence, found, reports, cause, actor) => {
    const attribution = attribute(found, reports);
    expect(attribution).toMatchObject({ cause });
    expect(attribution.actor).toEqual(actor);
  });

  it('is told with what speaks for it', () => {
    expect(attribute(deviation('disabledOutOfBand'), [report('tokenWritten', sam)]).evidence).toEqual([
      `Azure reports that user sam@contoso.example wrote the token at ${at(0)}.`,
    ]);
  });
});

describe('two observations of a token', () => {
  const one: Observation = { noticedBy: 'reconcile', at: at(minute), reports: [] };

  it('become one with the reports of both, each once, oldest first', () => {
    const first = report('tokenWritten', sam, { at: at(minute) });
    const second = report('tokenWritten', pipeline, { at: at(0) });
    const merged = mergeObservations(
      { ...one, reports: [first] },
      { noticedBy: 'report', at: at(0), reports: [first, second] },
    );
    expect(merged).toEqual({ noticedBy: 'report', at: at(0), reports: [second, first] });
  });

  it('keep what others did rather than what we did, and no more than a few', () => {
    const ours = Array.from({ length: 20 }, (_, index) =>
      report('tokenWritten', pipeline, { by: 'keyturn', at: at(hour + index) }),
    );
    const { reports } = mergeObservations(
      { ...one, reports: [report('tokenWritten', sam)] },
      { ...one, reports: ours },
    );
    expect(reports).toHaveLength(8);
    expect(reports[0]?.actor).toEqual(sam);
  });
});
