import type { Actor, Drift } from '../../contracts/event-data.ts';
import type { LikelyCause, TokenFinding } from '../../contracts/findings.ts';
import type { Instant } from '../../contracts/instants.ts';
import { millisecondsBetween, minute } from '../instant-arithmetic.ts';
import { allPasswords, type Deviation } from './compare.ts';
import type { ReportedChange } from './observation.ts';

/** Who or what is likely to have brought a finding about, and why we think so. */
export interface Attribution {
  readonly cause: LikelyCause;
  readonly evidence: readonly string[];
  readonly actor?: Actor;
  /** When it happened, by Azure's report. */
  readonly at?: Instant;
}

/** By which operations of Azure each finding comes about. What happens in a vault is not reported. */
const operations: Readonly<Record<TokenFinding, readonly string[]>> = {
  disabledOutOfBand: ['tokenWritten'],
  deletedOutOfBand: ['tokenDeleted', 'registryDeleted'],
  reEnabledOutOfBand: ['tokenWritten'],
  scopeMapChanged: ['tokenWritten'],
  scopeMapContentChanged: ['scopeMapWritten', 'scopeMapDeleted'],
  passwordVanished: ['tokenWritten'],
  publishedDead: ['credentialsGenerated'],
  unpublishedSlotRegenerated: ['credentialsGenerated'],
  secretMissing: [],
  secretDisabled: [],
  secretForeign: [],
  outOfPolicy: ['tokenWritten', 'scopeMapWritten'],
};

/** What was done, for a sentence. */
const deeds: Readonly<Record<string, string>> = {
  tokenWritten: 'wrote the token',
  tokenDeleted: 'deleted the token',
  registryDeleted: 'deleted the registry',
  scopeMapWritten: 'wrote the scope map',
  scopeMapDeleted: 'deleted the scope map',
  credentialsGenerated: 'generated passwords in the registry',
};

/** Azure Policy's own application, which carries out remediations. Source: its well-known first-party id. */
const policyApplication = '1d78a85d-813d-46f0-b496-dd72f50a3ec0';

/** So far a password's creation may be from the report about it. */
const reportTolerance = 5 * minute;

/** Explains one deviation by what Azure reported around it. */
export function attribute(deviation: Deviation, reports: readonly ReportedChange[]): Attribution {
  const report = reportFor(deviation, reports);
  const told = report ? [sentence(report)] : [];
  const actor = report ? { actor: report.actor, at: report.at } : {};
  if (report && isPolicy(report.actor))
    return {
      cause: 'azurePolicy',
      evidence: [...told, 'That is the application of Azure Policy.'],
      ...actor,
    };
  if (isWipe(deviation))
    return {
      cause: 'redeployment',
      evidence: [
        ...told,
        'The token has no password left, as when a template writes a token without its passwords.',
      ],
      ...actor,
    };
  return { cause: causeOf(report?.actor), evidence: told, ...actor };
}

/** The last fitting change by others; or by somebody of whom Azure does not tell who it was. */
function reportFor(deviation: Deviation, reports: readonly ReportedChange[]): ReportedChange | undefined {
  const fitting = reports.filter(
    (report) => operations[deviation.finding].includes(report.operation) && fits(deviation, report),
  );
  return fitting.findLast(({ by }) => by === 'others') ?? fitting.findLast(({ by }) => by === 'unknown');
}

/** A report on passwords names only the registry: it has to be about the time at which this one was made. */
function fits({ finding, differences }: Deviation, { at }: ReportedChange): boolean {
  if (finding !== 'publishedDead' && finding !== 'unpublishedSlotRegenerated') return true;
  return differences.some(
    ({ found }) => found !== undefined && Math.abs(millisecondsBetween(found, at)) <= reportTolerance,
  );
}

function sentence({ actor, operation, at }: ReportedChange): string {
  const kind = actor.kind === 'unknown' ? 'somebody' : `${actor.kind} ${actor.name ?? actor.objectId ?? ''}`;
  return `Azure reports that ${kind.trim()} ${deeds[operation] ?? operation} at ${at}.`;
}

function isPolicy({ applicationId }: Actor): boolean {
  return applicationId === policyApplication;
}

function isWipe({ finding, differences }: Deviation): boolean {
  return finding === 'passwordVanished' && differences.some(({ what }) => what === allPasswords);
}

function causeOf(actor: Actor | undefined): LikelyCause {
  if (actor?.kind === 'user') return 'person';
  return actor?.kind === 'application' ? 'automation' : 'unknown';
}

/** An attribution found later takes the place of one that said less. */
export function knowsMore(later: Attribution, earlier: Pick<Drift, 'actor' | 'cause'>): boolean {
  return earlier.actor === undefined && (later.actor !== undefined || earlier.cause === 'unknown');
}
