import type { Instant } from '../../contracts/instants.ts';
import { publishedData } from '../../lifecycle/announce.ts';
import type { ManagedState } from '../../lifecycle/state.ts';
import { ambiguities, notes } from './ambiguities.ts';
import type { Outcome } from './rebuild.ts';

const words: Readonly<Record<Outcome['kind'], string>> = {
  restored: 'restored',
  alreadyThere: 'already there',
  notKeyturns: "not Keyturn's",
  deleted: 'deleted',
  ambiguous: 'ambiguous',
};

/** One line for each token: its name, what becomes of it, and what there is to know or to do. */
export function outcomeLines(outcomes: readonly Outcome[], now: Instant): string[] {
  const names = outcomes.map(({ registry, token }) => `${registry}/${token}`);
  const widest = Math.max(0, ...names.map(({ length }) => length));
  const widestWord = Math.max(...Object.values(words).map(({ length }) => length));
  return outcomes.map((outcome, index) =>
    [names[index]?.padEnd(widest), words[outcome.kind].padEnd(widestWord), detailOf(outcome, now)]
      .join('  ')
      .trimEnd(),
  );
}

function detailOf(outcome: Outcome, now: Instant): string {
  switch (outcome.kind) {
    case 'restored':
      return [describe(outcome.state, now), ...outcome.notes.map((note) => notes[note])].join('; ');
    case 'alreadyThere':
      return `${outcome.status}${outcome.rowWritten ? '; its row of the inventory is written' : ''}`;
    case 'ambiguous': {
      const { why, toDo } = ambiguities[outcome.why];
      return `${why}: ${toDo}`;
    }
    case 'notKeyturns':
      return '';
    case 'deleted':
      return 'nothing to restore';
  }
}

function describe(state: ManagedState, now: Instant): string {
  const { entrance, owner, endOfLife } = state.managed;
  const { nextRotation } = (state.status === 'active' && publishedData(state, now)) || {};
  return [
    state.status,
    `entrance ${entrance}`,
    `owner ${owner}`,
    `incarnation ${state.incarnation}, generation ${state.generation}`,
    ...(nextRotation === undefined ? [] : [`next rotation ${nextRotation.slice(0, 10)}`]),
    ...(endOfLife === undefined ? [] : [`ends ${endOfLife.slice(0, 10)}`]),
  ].join(', ');
}

/** How many of each, and how to go on. */
export function summaryLines(outcomes: readonly Outcome[], write: boolean): string[] {
  const count = (kind: Outcome['kind']) => outcomes.filter((each) => each.kind === kind).length;
  const restored = `${count('restored')} ${write ? 'restored' : 'to restore'}`;
  const others = `${count('alreadyThere')} already there, ${count('notKeyturns')} not Keyturn's, ${count('deleted')} deleted`;
  const ambiguous = count('ambiguous');
  return [
    `${outcomes.length} tokens: ${restored}, ${others}, ${ambiguous} ambiguous.`,
    ...(ambiguous > 0 ? ['Ambiguous ones are left alone. Do what their lines say, and run this again.'] : []),
    write
      ? 'Lifecycles start when the running app reconciles, ten to fifteen minutes from now.'
      : 'Nothing was written. Add --write to restore.',
  ];
}
