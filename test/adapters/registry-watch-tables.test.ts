import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FindingsTable } from '../../src/adapters/findings-table.ts';
import { RegistryFindingsTable } from '../../src/adapters/registry-findings-table.ts';
import { RegistryNotesTable } from '../../src/adapters/registry-notes-table.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { buildEvent } from '../../src/contracts/events.ts';
import type { RegistryFinding } from '../../src/contracts/findings.ts';
import type { OpenFinding } from '../../src/ports/findings.ts';
import type { RegistryFindingRow } from '../../src/ports/registry-findings.ts';
import { at } from '../lifecycle/build.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

let storage: TablesUnderTest;
let kept: RegistryFindingsTable;
let findings: FindingsTable;
let notes: RegistryNotesTable;
let registry: string;
let number = 0;

beforeAll(async () => {
  storage = await startRecordTables();
  kept = new RegistryFindingsTable(storage.tables.findings, systemClock);
  findings = new FindingsTable(storage.tables.findings, systemClock);
  notes = new RegistryNotesTable(storage.tables.findings, systemClock);
});
afterAll(() => storage.keyturn.close());
beforeEach(() => {
  number += 1;
  registry = `registry${number}`;
});

function row(
  finding: RegistryFinding,
  token?: string,
  changes: Partial<RegistryFindingRow> = {},
): RegistryFindingRow {
  const drift = {
    finding,
    since: at(0),
    differences: [{ what: 'adminUser', believed: 'off', found: 'on' }],
    cause: 'person' as const,
    evidence: ["Azure reports that O'Neill did it."],
    noticedBy: 'report' as const,
    done: 'nothing' as const,
  };
  const about = {
    registry,
    loginServer: `${registry}.azurecr.io`,
    ...(token === undefined ? {} : { token }),
  };
  const open: OpenFinding = { ...about, severity: 'critical', drift };
  const untold = buildEvent(
    { type: 'keyturn.registry.drift-detected', severity: 'critical', data: { ...about, drift } },
    'event-1',
    at(0),
  );
  return { open, gone: false, untold, ...changes };
}
const listed = async (filter: { unowned?: boolean; entrances?: string[] } = {}) => {
  const { items } = await findings.listFindings({ registry, ...filter }, { pageSize: 100 });
  return items.map(({ token = registry, drift }) => `${token} ${drift.finding}`);
};
const all = async (which: 'all' | 'untold') => {
  const rows: string[] = [];
  for await (const { open } of kept.listKept(registry, which)) rows.push(open.drift.finding);
  return rows.sort();
};

describe('a finding of a registry', () => {
  it('is read as it was written, with what is still to be told', async () => {
    const key = { registry, finding: 'registryBackDoor' } as const;
    expect(await kept.readFinding(key)).toBeUndefined();
    const written = await kept.writeFinding(row('registryBackDoor'), undefined);
    expect(await kept.readFinding(key)).toEqual(written);
    expect(written).toMatchObject(row('registryBackDoor'));
  });

  it('is written by the first of two who read the same', async () => {
    const first = await kept.writeFinding(row('registryBackDoor'), undefined);
    expect(await kept.writeFinding(row('registryBackDoor'), undefined)).toBeUndefined();
    const { untold: _untold, ...told } = row('registryBackDoor');
    expect(await kept.writeFinding(told, first)).toEqual({ ...told, etag: expect.any(String) });
    expect(await kept.writeFinding(told, first)).toBeUndefined();
  });

  it('is listed with those of tokens until it is gone, and kept until that was told', async () => {
    await kept.writeFinding(row('unmanagedToken', 'Stray'), undefined);
    const { untold: _untold, ...told } = row('registryBackDoor');
    const open = await kept.writeFinding(told, undefined);
    expect(await listed()).toEqual(['Stray unmanagedToken', `${registry} registryBackDoor`]);
    expect([await all('all'), await all('untold')]).toEqual([
      ['registryBackDoor', 'unmanagedToken'],
      ['unmanagedToken'],
    ]);
    const gone = await kept.writeFinding(row('registryBackDoor', undefined, { gone: true }), open);
    expect([await listed(), await all('untold')]).toEqual([
      ['Stray unmanagedToken'],
      ['registryBackDoor', 'unmanagedToken'],
    ]);
    if (!gone || !open) throw new Error('It was not written.');
    await kept.removeFinding(open);
    expect(await all('all')).toHaveLength(2);
    await kept.removeFinding(gone);
    expect(await all('all')).toEqual(['unmanagedToken']);
  });

  it('is shown to those who may see what belongs to no entrance', async () => {
    await kept.writeFinding(row('unmanagedToken', 'stray'), undefined);
    expect(await listed({ entrances: ['token-requests'] })).toEqual([]);
    expect(await listed({ entrances: ['token-requests'], unowned: true })).toEqual(['stray unmanagedToken']);
  });

  it('is not one of the token, when what that shows is replaced', async () => {
    await kept.writeFinding(row('unmanagedToken', 'team-web'), undefined);
    await findings.replaceOfToken({ registry, token: 'team-web' }, []);
    expect(await listed()).toEqual(['team-web unmanagedToken']);
    expect(await findings.countSince(registry, 'unmanagedToken', at(0), 10)).toBe(0);
  });
});

describe('a note on a registry', () => {
  it('is written by the first of two who read the same, and is no finding', async () => {
    const first = await notes.writeNote(registry, 'facts', { createdAt: at(0) }, undefined);
    expect(await notes.writeNote(registry, 'facts', { createdAt: at(1) }, undefined)).toBeUndefined();
    const second = await notes.writeNote(registry, 'facts', { createdAt: at(2) }, first);
    expect(await notes.writeNote(registry, 'facts', { createdAt: at(3) }, first)).toBeUndefined();
    expect(await notes.readNote(registry, 'facts')).toEqual(second);
    expect(second?.value).toEqual({ createdAt: at(2) });
    expect([await notes.readNote(registry, 'reports'), await listed(), await all('all')]).toEqual([
      undefined,
      [],
      [],
    ]);
  });
});
