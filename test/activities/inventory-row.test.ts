import { describe, expect, it } from 'vitest';
import { inventoryRow } from '../../src/activities/inventory-row.ts';
import { newState, type TokenState } from '../../src/lifecycle/state.ts';
import { active, at, hour, identity, start } from '../lifecycle/build.ts';

const failure = (code: string) => ({ since: at(0), attempts: 1, code, retryAt: at(hour) });
const parked = { since: at(0), work: 'rotate', code: 'refused', toDo: 'Look into it.' };

const rows: Readonly<Record<string, { readonly state: TokenState; readonly says: object }>> = {
  'nothing of a token that fares well': { state: active(), says: {} },
  'that work failed and is tried again': {
    state: active({ failures: { rotate: failure('throttled') } }),
    says: { failing: true },
  },
  'nothing of what only came in between': {
    state: active({ failures: { rotate: failure('leaseTaken') } }),
    says: {},
  },
  'that work waits for a person': {
    state: active({ failures: { rotate: failure('refused') }, parked }),
    says: { failing: true, parked: true },
  },
  'that a token could not be made': {
    state: { ...newState(identity), failures: { key: failure('unavailable') }, parked },
    says: { failing: true, parked: true },
  },
};

describe('the inventory says', () => {
  it.each(Object.entries(rows))('%s', (_sentence, { state, says }) => {
    const { failing, parked: waits } = inventoryRow(state, undefined, start);
    expect({ ...(failing ? { failing } : {}), ...(waits ? { parked: waits } : {}) }).toEqual(says);
  });
});
