import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FindingsTable } from '../../src/adapters/findings-table.ts';
import { RegistryFindingsTable } from '../../src/adapters/registry-findings-table.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import type { Finding } from '../../src/contracts/findings.ts';
import type { FindingsFilter, OpenFinding } from '../../src/ports/findings.ts';
import { at, day, hour, minute } from '../lifecycle/build.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

let storage: TablesUnderTest;
let findings: FindingsTable;
let registry: string;
let number = 0;

beforeAll(async () => {
  storage = await startRecordTables();
  findings = new FindingsTable(storage.tables.findings, systemClock);
});
afterAll(() => storage.keyturn.close());
beforeEach(() => {
  number += 1;
  registry = `registry${number}`;
});

const found = (token: string, finding: Finding, changes: Partial<OpenFinding> = {}): OpenFinding => ({
  registry,
  loginServer: `${registry}.azurecr.io`,
  token,
  entrance: 'token-requests',
  owner: "team-o'neill",
  severity: 'critical',
  drift: {
    finding,
    since: at(0),
    differences: [{ what: 'status', believed: 'enabled', found: 'disabled' }],
    cause: 'unknown',
    evidence: ['Nobody knows.'],
    noticedBy: 'report',
    done: 'nothing',
  },
  ...changes,
});
const since = (open: OpenFinding, instant: string): OpenFinding => ({
  ...open,
  drift: { ...open.drift, since: instant },
});
const replace = (token: string, ...open: OpenFinding[]) => findings.replaceOfToken({ registry, token }, open);
const list = async (filter: Partial<FindingsFilter> = {}) =>
  (await findings.listFindings({ registry, ...filter }, { pageSize: 100 })).items;
const named = (open: readonly OpenFinding[]) => open.map(({ token, drift }) => `${token} ${drift.finding}`);

describe('the findings of a token', () => {
  it('are read as they were written, whatever the case of its name', async () => {
    const open = found('Team-Web', 'disabledOutOfBand');
    await replace('Team-Web', open);
    expect(await list({ token: 'team-web' })).toEqual([open]);
  });

  it('are replaced together: what is not open any more is not listed any more', async () => {
    await replace('team-web', found('team-web', 'disabledOutOfBand'), found('team-web', 'secretMissing'));
    await replace('team-web', found('team-web', 'secretMissing'), found('team-web', 'outOfPolicy'));
    expect(named(await list())).toEqual(['team-web outOfPolicy', 'team-web secretMissing']);
    await replace('team-web');
    expect(await list()).toEqual([]);
  });

  it('are open again when they come again', async () => {
    await replace('team-web', found('team-web', 'secretMissing'));
    await replace('team-web');
    const again = since(found('team-web', 'secretMissing'), at(day));
    await replace('team-web', again);
    expect(await list()).toEqual([again]);
  });

  it('leave those of tokens whose names begin alike, and of unmanaged ones, as they are', async () => {
    await replace('team-web', found('team-web', 'secretMissing'));
    await replace('team-web-2', found('team-web-2', 'secretMissing'));
    await replace('team-we', found('team-we', 'secretMissing'));
    await replace('team-web');
    expect(named(await list()).sort()).toEqual(['team-we secretMissing', 'team-web-2 secretMissing']);
  });
});

describe('a list of findings', () => {
  beforeEach(async () => {
    await replace('device-1', found('device-1', 'secretMissing', { entrance: 'devices' }));
    await replace('team-a', found('team-a', 'secretMissing'), found('team-a', 'outOfPolicy'));
    await replace('team-b', found('team-b', 'outOfPolicy'));
  });

  it('is in the order of names, in pages', async () => {
    const first = await findings.listFindings({ registry }, { pageSize: 3 });
    const { continuation } = first;
    const rest = await findings.listFindings({ registry }, { pageSize: 3, continuation });
    expect(named([...first.items, ...rest.items])).toEqual([
      'device-1 secretMissing',
      'team-a outOfPolicy',
      'team-a secretMissing',
      'team-b outOfPolicy',
    ]);
    expect(rest.continuation).toBeUndefined();
  });

  it('goes on after a place in it, although what was there is gone, and with what belongs to no token last', async () => {
    const others = new RegistryFindingsTable(storage.tables.findings, systemClock);
    const { token: _token, entrance: _entrance, ...open } = found('', 'registryBackDoor');
    await others.writeFinding({ open, gone: false }, undefined);
    const after = { token: 'TEAM-a', finding: 'outOfPolicy' } as const;
    const rest = ['team-a secretMissing', 'team-b outOfPolicy', 'undefined registryBackDoor'];
    expect(named(await list({ after }))).toEqual(rest);
    await replace('team-a', found('team-a', 'secretMissing'));
    expect(named(await list({ after }))).toEqual(rest);
    expect(await list({ after: { finding: 'registryBackDoor' } })).toEqual([]);
  });

  it('is of one finding, or of one token', async () => {
    expect(named(await list({ finding: 'outOfPolicy' }))).toEqual([
      'team-a outOfPolicy',
      'team-b outOfPolicy',
    ]);
    expect(named(await list({ token: 'TEAM-A', finding: 'outOfPolicy' }))).toEqual(['team-a outOfPolicy']);
  });

  it('shows only those of the entrances that are asked for, of few as of many', async () => {
    expect(named(await list({ entrances: ['devices'] }))).toEqual(['device-1 secretMissing']);
    const many = ['devices', ...Array.from({ length: 20 }, (_, index) => `other-${index}`)];
    expect(named(await list({ entrances: many }))).toEqual(['device-1 secretMissing']);
    expect(await list({ entrances: [] })).toEqual([]);
  });
});

describe('the count of a finding', () => {
  it('is of tokens that have shown it since then, also where it is gone again', async () => {
    await replace('team-a', since(found('team-a', 'secretMissing'), at(-hour)));
    await replace('team-b', found('team-b', 'secretMissing'), found('team-b', 'outOfPolicy'));
    await replace('team-c', since(found('team-c', 'secretMissing'), at(minute)));
    await replace('team-c');
    expect(await findings.countSince(registry, 'secretMissing', at(0), 100)).toBe(2);
    expect(await findings.countSince(registry, 'secretMissing', at(0), 1)).toBe(1);
    expect(await findings.countSince(registry, 'secretMissing', at(2 * minute), 100)).toBe(0);
  });

  it('no longer has what has been gone for long', async () => {
    await replace('team-a', found('team-a', 'secretMissing'));
    await replace('team-b', found('team-b', 'secretMissing'));
    await replace('team-b');
    await findings.forgetGone(registry, new Date(Date.now() - hour).toISOString());
    expect(await findings.countSince(registry, 'secretMissing', at(0), 100)).toBe(2);
    await findings.forgetGone(registry, new Date(Date.now() + hour).toISOString());
    expect(await findings.countSince(registry, 'secretMissing', at(0), 100)).toBe(1);
    expect(named(await list())).toEqual(['team-a secretMissing']);
  });
});
