import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TimerHolder, TimerStore } from '../../../../infra/local/functions-host/timers/timer-store.ts';

describe('TimerStore', () => {
  let folder: string;
  let stores: { store: TimerStore; holder: TimerHolder }[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'timer-store-'));
    stores = [];
  });
  afterEach(() => {
    for (const { store, holder } of stores) store.close(holder);
    rmSync(folder, { recursive: true });
  });

  function open(id: string, processId = process.pid): { store: TimerStore; holder: TimerHolder } {
    const opened = { store: new TimerStore(join(folder, 'timers.sqlite')), holder: { id, processId } };
    stores.push(opened);
    return opened;
  }

  test('keeps a status, instants that are unknown too', () => {
    const { store } = open('a');
    store.saveStatus('nightly', { last: undefined, next: 300, lastUpdated: 250 });
    expect(open('b').store.status('nightly')).toEqual({ last: undefined, next: 300, lastUpdated: 250 });
    expect(store.status('daily')).toBeUndefined();
  });

  test('gives a timer to one holder only, until its time is over', () => {
    const one = open('one');
    const other = open('other');
    expect(one.store.hold('nightly', one.holder, 1000, 500)).toBe(true);
    expect(other.store.hold('nightly', other.holder, 1499, 500)).toBe(false);
    expect(other.store.hold('nightly', other.holder, 1500, 500)).toBe(true);
    expect(one.store.hold('nightly', one.holder, 1501, 500)).toBe(false);
  });

  test('lets the holder keep it', () => {
    const one = open('one');
    const other = open('other');
    one.store.hold('nightly', one.holder, 1000, 500);
    expect(one.store.hold('nightly', one.holder, 1400, 500)).toBe(true);
    expect(other.store.hold('nightly', other.holder, 1600, 500)).toBe(false);
  });

  test('lets another have it at once when the holder has released it', () => {
    const one = open('one');
    const other = open('other');
    one.store.hold('nightly', one.holder, 1000, 500);
    one.store.release('nightly', one.holder);
    expect(other.store.hold('nightly', other.holder, 1001, 500)).toBe(true);
  });

  test('lets another have it at once when the holder’s process is gone', () => {
    const killed = open('killed', 2 ** 22 + 1);
    const other = open('other');
    killed.store.hold('nightly', killed.holder, 1000, 500);
    expect(other.store.hold('nightly', other.holder, 1001, 500)).toBe(true);
  });
});
