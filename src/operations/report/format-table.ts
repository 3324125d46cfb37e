import { parseScopeMapAction } from '../../contracts/access.ts';
import type { Instant } from '../../contracts/instants.ts';
import type { AccessRow } from './access-rows.ts';

const headings = [
  'token',
  'status',
  'created',
  'last rotated',
  'end of life',
  'owner',
  'entrance',
  'actions',
];

/** For people: a table with days instead of moments, and below it what they should know of the columns. */
export function formatTable(rows: readonly AccessRow[], asOf: Instant | undefined, now: Instant): string {
  const lines = [headings, ...rows.map(cells)];
  const widths = headings.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const table = lines.map((line) =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${[...table, '', ...explanations(rows, asOf, now)].join('\n')}\n`;
}

function cells(row: AccessRow): string[] {
  const { registry, token, status, owner, entrance, endOfLife, lastRotated, changedSince } = row;
  return [
    `${registry}/${token}${changedSince === undefined ? '' : ' *'}`,
    status,
    row.created ? dayOf(row.created) : `before ${dayOf(row.createdNoLaterThan)}`,
    dayOf(lastRotated),
    dayOf(endOfLife),
    owner,
    entrance,
    actionsOf(row),
  ];
}

function dayOf(instant: Instant | undefined): string {
  return instant?.slice(0, 10) ?? '-';
}

/** By repository: `shared/base: content/read, metadata/read`. */
function actionsOf({ actions, scopeMap }: AccessRow): string {
  if (!actions) return `${scopeMap} (not readable)`;
  const byRepository = new Map<string, string[]>();
  for (const text of actions) {
    const { repository, action } = parseScopeMapAction(text) ?? { repository: '', action: text };
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), action]);
  }
  const granted = [...byRepository].map(([repository, list]) =>
    repository === '' ? list.join(', ') : `${repository}: ${list.join(', ')}`,
  );
  return granted.join('; ') || `${scopeMap} (nothing)`;
}

function explanations(rows: readonly AccessRow[], asOf: Instant | undefined, now: Instant): string[] {
  const count = `${rows.length} ${rows.length === 1 ? 'token' : 'tokens'}`;
  if (asOf === undefined) return [`${count} as of now, ${now}.`];
  const changed = rows.some(({ changedSince }) => changedSince !== undefined);
  return [
    `${count} as of ${asOf}: token, status, created and last rotated are as they were then.`,
    `End of life, owner, entrance and actions are as of now, ${now}.`,
    ...(changed
      ? ['* These, or what the token is managed by, changed since then, or its history does not reach back.']
      : []),
  ];
}
