import { odata } from '@azure/data-tables';
import { type TokenFinding, tokenFindings } from '../contracts/findings.ts';
import type { FindingsFilter, OpenFinding } from '../ports/findings.ts';
import { joinText, splitText } from './large-text.ts';
import type { Row } from './record-rows.ts';

/**
 * A finding that is gone keeps its row for a while: what healing has mended counts, too, when many tokens show the
 * same finding.
 */
export type FindingState = 'open' | 'gone';

/** Names hold no `~`, and it comes after all that they can hold: what a registry as a whole shows is listed last. */
const separator = '~';

export function findingPartition(registry: string): string {
  return registry.toLowerCase();
}

/** Of a finding of the registry as a whole, the token is missing. */
export function findingRowKey(token: string | undefined, finding: string): string {
  return `${(token ?? '').toLowerCase()}${separator}${finding}`;
}

/** A filter for everything that is kept about one token. */
export function findingsOfToken(registry: string, token: string): string {
  const from = findingRowKey(token, '');
  return odata`PartitionKey eq ${findingPartition(registry)} and RowKey ge ${from} and RowKey lt ${from + separator}`;
}

/** Whether it is one of those that follow from a managed token's record. */
export function isTokenFinding(finding: string): finding is TokenFinding {
  return Object.hasOwn(tokenFindings, finding);
}

/** The text of the finding, and beside it what lists are filtered by. */
export function findingEntity(open: OpenFinding, state: FindingState) {
  const { registry, token, entrance, severity, drift } = open;
  return {
    partitionKey: findingPartition(registry),
    rowKey: findingRowKey(token, drift.finding),
    state,
    finding: drift.finding,
    ofManagedToken: isTokenFinding(drift.finding),
    since: drift.since,
    severity,
    entrance: entrance ?? '',
    ...splitText(JSON.stringify(open)),
  };
}

export function openFindingOf(row: Row): OpenFinding {
  return JSON.parse(joinText(row)) as OpenFinding;
}

/** So many of the at most 15 comparisons in a filter of Azure Table storage may be of entrances. */
const mostEntrances = 6;

/** Of many entrances the service is not asked; `isWanted` then leaves out the others. */
export function findingsFilter({
  registry,
  finding,
  token,
  entrances,
  unowned,
  after,
}: FindingsFilter): string {
  const names = entrances && [...entrances, ...(unowned ? [''] : [])];
  return [
    token === undefined
      ? odata`PartitionKey eq ${findingPartition(registry)}`
      : findingsOfToken(registry, token),
    odata`state eq ${'open' satisfies FindingState}`,
    ...(finding === undefined ? [] : [odata`finding eq ${finding}`]),
    ...(after === undefined ? [] : [odata`RowKey gt ${findingRowKey(after.token, after.finding)}`]),
    ...(names === undefined || names.length === 0 || names.length > mostEntrances
      ? []
      : [`(${names.map((name) => odata`entrance eq ${name}`).join(' or ')})`]),
  ].join(' and ');
}

/** Whether a finding is of the entrances that are asked for. */
export function isWanted({ entrance }: OpenFinding, { entrances, unowned }: FindingsFilter): boolean {
  if (entrances === undefined) return true;
  return entrance === undefined ? unowned === true : entrances.includes(entrance);
}
