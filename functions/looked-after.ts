import { troubleOf } from '../src/ports/trouble.ts';
import type { LookedAfter } from '../src/reconcile/compare-registries.ts';
import { logRecord } from './log-record.ts';

/** Logs what became of one registry. */
export function logLookedAfter(context: Parameters<typeof logRecord>[0], looked: LookedAfter): void {
  if (looked.result === 'compared') {
    const { result: _result, ...compared } = looked;
    logRecord(context, compared.unread ? 'warn' : 'info', { record: 'registryCompared', ...compared });
  } else if (looked.result === 'told') {
    const { registry, events } = looked;
    logRecord(context, 'info', { record: 'registryFindingsTold', registry, events });
  } else {
    const { registry, error } = looked;
    logRecord(context, 'warn', { record: 'registryNotCompared', registry, ...troubleOf(error) });
  }
}
