import { describe, expect, it } from 'vitest';
import type { Fleet } from './fleet.ts';
import { begun, idOf, nextOccurrence, occurrence, plusMinute } from './nightly.ts';

describe('an occurrence that is interrupted', () => {
  const tokens = Array.from({ length: 20 }, (_, index) => `team-${String(index).padStart(3, '0')}`);
  const once = Object.fromEntries(tokens.map((token) => [`contoso/${token}`, [idOf(token)]]));

  /** The fleet, after an invocation that stopped at its call number `calls`. */
  async function interruptedAt(calls: number): Promise<{ fleet: Fleet; interrupted: boolean }> {
    const fleet = await begun();
    await fleet.add(...tokens.map((token) => ({ token })));
    let left = calls;
    let interrupted = false;
    fleet.gate = () => {
      left -= 1;
      interrupted ||= left < 0;
      if (interrupted) throw new Error('The process is gone.');
    };
    await fleet.run(occurrence).catch(() => undefined);
    fleet.gate = () => {};
    return { fleet, interrupted };
  }

  it('goes on the next time, and asks every token once, wherever it stopped', async () => {
    let calls = 0;
    for (; ; calls += 1) {
      const { fleet, interrupted } = await interruptedAt(calls);
      if (!interrupted) break;
      await fleet.run(plusMinute(occurrence));
      expect(fleet.posted()).toEqual(once);
      expect(new Set(fleet.woken).size).toBe(tokens.length);
      expect(await fleet.run(plusMinute(plusMinute(occurrence)))).toEqual([]);
    }
    expect(calls).toBeGreaterThan(5 * tokens.length);
  });

  it('goes on with what it began, although it has come up again meanwhile', async () => {
    const { fleet } = await interruptedAt(60);
    expect(await fleet.run(nextOccurrence)).toMatchObject([{ occurrence, result: 'finished' }]);
    expect(await fleet.run(plusMinute(nextOccurrence))).toMatchObject([
      { occurrence: nextOccurrence, result: 'finished' },
    ]);
  });

  it('is not worked on twice at the same time for long: who is later leaves it', async () => {
    const { fleet } = await interruptedAt(3);
    const [one, other] = await Promise.all([
      fleet.run(plusMinute(occurrence)),
      fleet.run(plusMinute(occurrence)),
    ]);
    const results = [...one, ...other].map(({ result }) => result).sort();
    expect(results).toEqual(['finished', 'takenOver']);
    expect(fleet.posted()).toEqual(once);
  });

  it('is left to whoever goes on with it, at the end of a page', async () => {
    const fleet = await begun();
    const many = Array.from({ length: 400 }, (_, index) => `team-${String(index).padStart(3, '0')}`);
    await fleet.add(...many.map((token) => ({ token })));
    fleet.gate = (call) => {
      const stored = fleet.rotationProgress.rows.get('nightly');
      if (call !== 'records.insertCommand' || !stored) return;
      fleet.rotationProgress.rows.set('nightly', { ...stored, etag: 'of another invocation' });
      fleet.gate = () => {};
    };
    expect(await fleet.run(occurrence)).toMatchObject([{ result: 'takenOver', counts: { posted: 160 } }]);
  });

  it('by its time limit goes on from there, without asking anybody again', async () => {
    const fleet = await begun();
    const many = Array.from({ length: 400 }, (_, index) => `team-${String(index).padStart(3, '0')}`);
    await fleet.add(...many.map((token) => ({ token })));
    fleet.gate = (call) => {
      // A token takes a second.
      if (call === 'records.insertCommand') fleet.clock.time += 1_000;
    };
    expect(await fleet.run(occurrence)).toMatchObject([{ result: 'unfinished', counts: { posted: 240 } }]);
    const [rest] = await fleet.run(plusMinute(occurrence));
    expect(rest).toMatchObject({ result: 'finished' });
    expect(Object.values(fleet.posted()).every((ids) => ids.length === 1)).toBe(true);
    expect(Object.keys(fleet.posted())).toHaveLength(400);
  });

  it('does not wake a token again that has answered already', async () => {
    const { fleet, interrupted } = await interruptedAt(90);
    expect(interrupted).toBe(true);
    for (const { commands } of fleet.records.partitions.values())
      for (const [key, { digest, status }] of commands)
        commands.set(key, {
          digest,
          status: { ...status, outcome: { key, status: 'done', at: occurrence } },
        });
    const answered = Object.keys(fleet.posted());
    fleet.woken.length = 0;
    await fleet.run(plusMinute(occurrence));
    expect(answered.length).toBeGreaterThan(0);
    expect(answered.length).toBeLessThan(tokens.length);
    expect(fleet.woken).toHaveLength(tokens.length - answered.length);
    expect(fleet.woken.filter((token) => answered.includes(token))).toEqual([]);
  });
});
