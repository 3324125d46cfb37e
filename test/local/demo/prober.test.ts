import { describe, expect, it } from 'vitest';
import { NotAsTold } from '../../../infra/local/demo/not-as-told.ts';
import { Prober } from '../../../infra/local/demo/prober.ts';

const day = 24 * 60 * 60 * 1_000;
const team = { token: 'team-web', secretName: 'a-secret', secretVersion: 'v1' };

/** A vault with one secret, a login server that knows some passwords, and a clock. */
class World {
  now = new Date('2027-01-01T00:00:00.000Z');
  secret = { value: 'first', version: 'v1' };
  accepted = new Set(['first']);
  readonly asked: string[] = [];
  /** Happens while a login is under way. */
  during: () => void = () => {};

  prober(): Prober {
    return new Prober({
      now: () => this.now,
      read: async () => this.secret,
      logIn: async (_token, password) => {
        this.asked.push(password);
        this.during();
        return this.accepted.has(password) ? 200 : 401;
      },
      pause: 1,
    });
  }

  asks(password: string, times = 2): Promise<void> {
    const before = this.asked.length;
    const count = () => this.asked.slice(before).filter((each) => each === password).length;
    return expect.poll(count, { timeout: 10_000, interval: 1 }).toBeGreaterThanOrEqual(times);
  }
}

describe('the prober', () => {
  it('logs in with the published password on and on, and with the one before as long as that is promised', async () => {
    const world = new World();
    const prober = world.prober();
    prober.watch({ ...team, overlap: 14 * day });
    await world.asks('first');
    world.secret = { value: 'second', version: 'v2' };
    world.accepted.add('second');
    await world.asks('second');
    prober.rotated('team-web', 'v2', new Date(world.now.getTime() + 14 * day));
    await world.asks('first');
    world.now = new Date(world.now.getTime() + 14 * day);
    world.accepted.delete('first');
    await world.asks('second');
    await prober.close();
    const { accepted, failed, withPrevious } = prober.totals;
    expect(failed).toBe(0);
    expect(accepted).toBeGreaterThan(withPrevious);
    expect(withPrevious).toBeGreaterThan(0);
  });

  it.each([
    ['published', 'second'],
    ['previous', 'first'],
  ])('fails when the %s password is refused', async (which, password) => {
    const world = new World();
    const prober = world.prober();
    prober.watch({ ...team, overlap: 14 * day });
    await world.asks('first');
    world.secret = { value: 'second', version: 'v2' };
    world.accepted.add('second');
    await world.asks('second');
    prober.rotated('team-web', 'v2', new Date(world.now.getTime() + day));
    await world.asks('first');
    world.accepted.delete(password);
    await expect(prober.failure).rejects.toThrow(
      new NotAsTold(`The prober's login with the ${which} password of team-web failed (401)`),
    );
    expect(prober.totals.failed).toBe(1);
    await prober.close();
  });

  it('fails when the vault or the login server does not answer', async () => {
    const world = new World();
    world.during = () => {
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    };
    const prober = world.prober();
    prober.watch({ ...team, overlap: day });
    await expect(prober.failure).rejects.toThrow('The prober could not log in as team-web (ECONNRESET)');
    await prober.close();
  });

  it('proves nothing by a refusal while the clock was moved past the overlap', async () => {
    const world = new World();
    world.accepted.clear();
    let logins = 0;
    world.during = () => {
      logins += 1;
      if (logins === 1) world.now = new Date(world.now.getTime() + day);
      else world.accepted.add('first');
    };
    const prober = world.prober();
    prober.watch({ ...team, overlap: day });
    await world.asks('first', 3);
    await prober.close();
    expect(prober.totals.failed).toBe(0);
    expect(prober.totals.accepted).toBeGreaterThan(0);
  });

  it('expects nothing of a password that was replaced twice between two of its looks', async () => {
    const world = new World();
    const prober = world.prober();
    prober.watch({ ...team, overlap: day });
    await world.asks('first');
    world.accepted = new Set(['third']);
    world.secret = { value: 'third', version: 'v3' };
    const until = new Date(world.now.getTime() + day);
    prober.rotated('team-web', 'v2', until);
    prober.rotated('team-web', 'v3', until);
    await world.asks('third', 3);
    await prober.close();
    expect(prober.totals).toMatchObject({ failed: 0, withPrevious: 0 });
  });

  it('leaves a token after its last login is answered', async () => {
    const world = new World();
    const prober = world.prober();
    prober.watch({ ...team, overlap: day });
    await world.asks('first');
    await prober.leave('team-web');
    const asked = world.asked.length;
    world.accepted.clear();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world.asked).toHaveLength(asked);
  });
});
