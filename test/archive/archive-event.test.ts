import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveEvent } from '../../src/archive/archive-event.ts';
import { archiveName } from '../../src/archive/archive-name.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { repetitions } from '../counts.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const event = { id: '0a1b2c3d-0000-4000-8000-000000000001', time: '2026-03-01T23:30:00Z', data: 1 };

describe('the name of an event in the archive', () => {
  it('is made of its day, in UTC, and its id', () => {
    expect(archiveName(bytes(event))).toBe('2026/03/01/0a1b2c3d-0000-4000-8000-000000000001.json');
    const elsewhere = { ...event, time: '2026-03-02T01:30:00+02:00' };
    expect(archiveName(bytes(elsewhere))).toBe(archiveName(bytes(event)));
  });

  it.each([
    { ...event, id: '../../packages/app' },
    { ...event, id: 7 },
    { ...event, time: 'yesterday' },
    'no event',
    null,
  ])('is the hash of its bytes if it is no event that can be named: %j', (strange) => {
    expect(archiveName(bytes(strange))).toMatch(/^unreadable\/[0-9a-f]{64}$/);
  });

  it('is one that a blob may have, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (body) => {
        expect(archiveName(body)).toMatch(/^(unreadable\/[0-9a-f]{64}|\d{4}\/\d\d\/\d\d\/[\w-]+\.json)$/);
      }),
      { numRuns: repetitions({ quick: 200, soak: 5_000 }) },
    );
  });
});

describe('an event', () => {
  const down = new ServiceFailure({ service: 'archive', operation: 'keep', code: 'unavailable' });

  /** An archive that fails so many times, on a clock that only pauses move. */
  function archiveThatFails(times: number) {
    let now = Date.parse('2026-03-01T12:00:00Z');
    let asked = 0;
    const archive = {
      keep: async () => {
        asked += 1;
        if (asked <= times) throw down;
        return true;
      },
    };
    const pause = async (milliseconds: number) => {
      now += milliseconds;
    };
    return { archive, clock: { now: () => new Date(now) }, pause };
  }

  it('is tried again until it is kept', async () => {
    await expect(archiveEvent(bytes(event), archiveThatFails(5))).resolves.toMatchObject({
      result: 'archived',
    });
  });

  it('is given back to the broker after four minutes, while its lock still holds', async () => {
    const ports = archiveThatFails(Number.POSITIVE_INFINITY);
    const begun = ports.clock.now().getTime();
    await expect(archiveEvent(bytes(event), ports)).rejects.toBe(down);
    const took = ports.clock.now().getTime() - begun;
    expect(took).toBeGreaterThan(3 * 60_000);
    expect(took).toBeLessThan(4 * 60_000);
  });
});
