import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wakeEvent } from '../../src/lifecycle/orchestrator.ts';
import { repetitions } from '../counts.ts';
import { command } from './build.ts';
import { id, request, startedRun } from './model/engine-run.ts';

const daySeconds = 86_400;

describe('the lifecycle on a Durable engine', () => {
  it('rotates in time although somebody wakes it on every day of its wait', async () => {
    const engine = await startedRun();
    for (let days = 0; days < 60; days += 1) {
      await engine.hub.advance(daySeconds);
      await engine.hub.raise(wakeEvent, {}, id);
    }
    expect(engine.hub.status(id)).toBe('Running');
    expect(engine.run.world.secret.versions).toHaveLength(2);
    expect(engine.run.world.writes).toEqual({ registry: 3, vault: 2 });
    expect(engine.broken).toEqual([]);
  });

  it('carries out a command that comes in the middle of its wait, and waits on', async () => {
    const engine = await startedRun();
    await engine.hub.advance(20 * daySeconds);
    await engine.send(
      command('keyturn.token.disable-requested', 20 * daySeconds * 1000, { reason: 'pause' }),
    );
    expect(engine.run.state.status).toBe('disabled');
    await engine.hub.advance(100 * daySeconds);
    await engine.send(
      command('keyturn.token.enable-requested', 120 * daySeconds * 1000, { reason: 'go on' }),
    );
    expect(engine.run.state.status).toBe('active');
    expect(engine.hub.status(id)).toBe('Running');
    expect(engine.broken).toEqual([]);
  });

  it('waits without a timer once its token is deleted, and takes up a new request', async () => {
    const engine = await startedRun();
    await engine.send(command('keyturn.token.deletion-requested', 1000, { reason: 'done' }));
    expect(engine.run.state.status).toBe('deleted');
    const planned = engine.hub.app.calls.filter(({ name }) => name === 'plan').length;
    await engine.hub.advance(91 * daySeconds);
    expect(engine.hub.app.calls.filter(({ name }) => name === 'plan')).toHaveLength(planned);
    await engine.send(command('keyturn.token.requested', 91 * daySeconds * 1000, request));
    expect(engine.run.state).toMatchObject({ status: 'active', incarnation: 2 });
    expect(engine.broken).toEqual([]);
  });

  it('goes on as if nothing had been when it is terminated by hand and started again', async () => {
    const engine = await startedRun();
    await engine.hub.advance(30 * daySeconds);
    engine.hub.engine.operations.terminate(id, 'by hand');
    await engine.hub.engine.caughtUp();
    expect(engine.hub.status(id)).toBe('Terminated');
    await engine.begin();
    await engine.hub.advance(30 * daySeconds);
    expect(engine.run.world.secret.versions).toHaveLength(2);
    expect(engine.broken).toEqual([]);
  });

  it.each([5, 30])(
    'loses no command and no password while %i per cent of all activities throw',
    async (percent) => {
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 99 })), async (dice) => {
          const engine = await startedRun(() => (dice.next().value ?? 0) < percent);
          await engine.hub.advance(daySeconds);
          await engine.send(
            command('keyturn.token.rotation-requested', daySeconds * 1000, { compromised: true }),
          );
          await engine.send(
            command('keyturn.token.access-changed', daySeconds * 1000, {
              access: { scopeMap: 'other-map' },
            }),
          );
          await engine.hub.advance(70 * daySeconds);
          expect(engine.hub.status(id)).toBe('Running');
          expect(engine.run.pending).toEqual([]);
          expect(engine.run.state.status).toBe('active');
          expect(engine.run.world.secret.versions).toHaveLength(3);
          expect(engine.broken).toEqual([]);
        }),
        { numRuns: repetitions({ quick: 5, soak: 200 }) },
      );
    },
    120_000,
  );
});
