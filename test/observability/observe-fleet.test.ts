import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetRecord } from '../../src/observability/fleet-record.ts';
import { observeFleet } from '../../src/observability/observe-fleet.ts';
import type { CredentialDeadlineRecord } from '../../src/observability/watched-records.ts';
import type { InventoryRow } from '../../src/ports/inventory.ts';
import { repetitions } from '../counts.ts';

const now = '2026-03-01T12:00:00.000Z';
const row = (token: string, changes: Partial<InventoryRow>): InventoryRow => ({
  registry: 'contoso',
  token,
  status: 'active',
  plan: 1,
  entrance: 'token-requests',
  ...changes,
});

/** All records about rows that come in pages of two. */
async function observe(rows: readonly InventoryRow[]): Promise<(CredentialDeadlineRecord | FleetRecord)[]> {
  const registries = new Set(rows.map(({ registry }) => registry));
  const listRows = async (
    { registry }: { registry: string },
    { continuation }: { continuation?: string },
  ) => {
    const all = rows.filter((each) => each.registry === registry);
    const from = Number(continuation ?? 0);
    const items = all.slice(from, from + 2);
    return from + 2 < all.length ? { items, continuation: String(from + 2) } : { items };
  };
  const inventory = { listRows } as Parameters<typeof observeFleet>[1];
  const records: (CredentialDeadlineRecord | FleetRecord)[] = [];
  for await (const record of observeFleet(registries, inventory, now)) records.push(record);
  return records;
}

async function count(...rows: readonly InventoryRow[]): Promise<FleetRecord[]> {
  return (await observe(rows)).filter((record) => record.record === 'fleet');
}

async function deadlines(...rows: readonly InventoryRow[]): Promise<CredentialDeadlineRecord[]> {
  return (await observe(rows)).filter((record) => record.record === 'credentialDeadline');
}

describe('the fleet', () => {
  it('is counted by status, for each entrance of each registry', async () => {
    const records = await count(
      row('team-one', {}),
      row('team-two', { status: 'disabled' }),
      row('team-three', { status: 'deleted' }),
      row('device-one', { entrance: 'token-requests-devices', status: 'revoked' }),
      row('team-one', { registry: 'fabrikam' }),
    );
    expect(records).toMatchObject([
      { registry: 'contoso', entrance: 'token-requests', tokens: 2, active: 1, disabled: 1, deleted: 1 },
      { registry: 'contoso', entrance: 'token-requests-devices', tokens: 1, revoked: 1 },
      { registry: 'fabrikam', entrance: 'token-requests', tokens: 1, active: 1 },
    ]);
  });

  it('tells the nearest deadline of a password that is in use, and whose it is', async () => {
    const [record] = await count(
      row('team-one', { expiresAt: '2026-03-02T12:00:00Z' }),
      row('team-two', { expiresAt: '2026-03-01T13:00:00Z' }),
      row('team-three', { expiresAt: '2026-03-01T12:00:01Z', status: 'disabled' }),
    );
    expect(record).toMatchObject({ nearestDeadlineSeconds: 3_600, nearestDeadlineToken: 'team-two' });
    const [past] = await count(row('team-one', { expiresAt: '2026-03-01T11:00:00Z' }));
    expect(past?.nearestDeadlineSeconds).toBe(-3_600);
    const [none] = await count(row('team-one', {}));
    expect(none).not.toHaveProperty('nearestDeadlineSeconds');
  });

  it('tells what is overdue, late or waiting, with ten minutes of grace', async () => {
    const [record] = await count(
      row('team-one', { nextRotation: '2026-03-01T11:49:59Z', lookAt: '2026-03-01T11:49:59Z' }),
      row('team-two', { nextRotation: '2026-03-01T11:55:00Z', lookAt: '2026-03-01T11:55:00Z' }),
      row('team-three', { pendingSince: '2026-03-01T11:59:00Z' }),
      row('team-four', { pendingSince: '2026-03-01T11:50:00Z', status: 'provisioning' }),
    );
    expect(record).toMatchObject({ rotationOverdue: 1, late: 1, waiting: 2, longestWaitSeconds: 600 });
  });

  it('tells how many tokens something is wrong with', async () => {
    const [record] = await count(
      row('team-one', { findings: ['scopeMapChanged', 'secretDisabled'] }),
      row('team-two', { findings: [] }),
      row('team-three', {}),
    );
    expect(record?.withFindings).toBe(1);
  });

  it('tells how many tokens have work that fails, or waits for a person', async () => {
    const [record] = await count(
      row('team-one', { failing: true }),
      row('team-two', { failing: true, parked: true }),
      row('team-three', {}),
    );
    expect(record).toMatchObject({ failing: 2, parked: 1 });
  });

  it('has every token that is there in exactly one count of a status', async () => {
    const status = fc.constantFrom(
      'provisioning',
      'active',
      'disabled',
      'expired',
      'revoked',
      'deleted',
      'none',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(status), async (statuses) => {
        const records = await count(
          ...statuses.map((each, index) => row(`team-${index}`, { status: each as InventoryRow['status'] })),
        );
        const sum = (pick: (record: FleetRecord) => number) =>
          records.reduce((total, record) => total + pick(record), 0);
        const there = statuses.filter((each) => each !== 'deleted' && each !== 'none').length;
        expect(sum(({ tokens }) => tokens)).toBe(there);
        expect(
          sum(
            ({ provisioning, active, disabled, expired, revoked }) =>
              provisioning + active + disabled + expired + revoked,
          ),
        ).toBe(there);
      }),
      { numRuns: repetitions({ quick: 50, soak: 1_000 }) },
    );
  });
});

describe('a password that is about to end', () => {
  const ending = { owner: 'team-web', expiresAt: '2026-03-02T15:00:00.000Z' };

  it('is named with what is needed to act', async () => {
    expect(await deadlines(row('team-one', ending))).toEqual([
      {
        record: 'credentialDeadline',
        registry: 'contoso',
        token: 'team-one',
        owner: 'team-web',
        entrance: 'token-requests',
        deadline: ending.expiresAt,
        hoursLeft: 27,
      },
    ]);
    const [past] = await deadlines(row('team-one', { expiresAt: '2026-03-01T11:00:00.000Z' }));
    expect(past?.hoursLeft).toBe(-1);
  });

  it.each<[string, Partial<InventoryRow>]>([
    ['two days or more are left', { expiresAt: '2026-03-03T12:00:00.000Z' }],
    ['its rotation is not due yet', { ...ending, nextRotation: '2026-03-02T03:00:00.000Z' }],
    ['nobody can log in with it', { ...ending, status: 'disabled' }],
  ])('is not told of while %s', async (_, changes) => {
    expect(await deadlines(row('team-one', changes))).toEqual([]);
    expect(await count(row('team-one', changes))).toMatchObject([{ nearDeadline: 0 }]);
  });

  it('is told of when its rotation is overdue', async () => {
    const overdue = row('team-one', { ...ending, nextRotation: '2026-03-01T11:59:00.000Z' });
    expect(await deadlines(overdue)).toHaveLength(1);
  });

  it('is counted even when there are too many to be named', async () => {
    const many = Array.from({ length: 300 }, (_, index) => row(`team-${index}`, ending));
    expect(await deadlines(...many)).toHaveLength(200);
    expect(await count(...many)).toMatchObject([{ nearDeadline: 300 }]);
  });
});
