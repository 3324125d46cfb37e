import { describe, expect, it } from 'vitest';
import { newState } from '../../src/lifecycle/state.ts';
import { at, command, day, hour, identity, managed, minute, start } from './build.ts';
import { allowAll } from './model/allow-all.ts';
import { LifecycleRun } from './model/lifecycle-run.ts';

const request = { owner: 'team-web', access: { scopeMap: 'shared-read' } };

function provisionedRun(rules = {}): LifecycleRun {
  const run = new LifecycleRun({ identity, now: start, judge: allowAll, rules });
  run.send(command('keyturn.token.requested', 0, request));
  run.work();
  return run;
}

function typesOf(run: LifecycleRun): string[] {
  return run.events.map(({ type }) => type.replace('keyturn.token.', ''));
}

describe('the life of a token', () => {
  it('is provisioned on an existing map with two registry writes and one vault write', () => {
    const run = provisionedRun();
    expect(run.world.writes).toEqual({ registry: 2, vault: 1 });
    expect(run.state.status).toBe('active');
    expect(typesOf(run)).toEqual(['provisioned']);
    expect(run.outcomes.map(({ status }) => status)).toEqual(['done']);
    expect(run.world.logsIn(run.world.newest()?.value ?? 0)).toBe(true);
  });

  it('rotates with one registry write and one vault write, five times in a year, in turn', () => {
    const run = provisionedRun();
    run.world.writes.registry = 0;
    run.world.writes.vault = 0;
    const done = run.passTime(360 * day);
    expect(done.filter((kind) => kind === 'rotate')).toHaveLength(6);
    expect(run.world.writes).toEqual({ registry: 6, vault: 6 });
    expect(run.world.secret.versions.map(({ tags }) => tags.slot)).toEqual([
      'password1',
      'password2',
      'password1',
      'password2',
      'password1',
      'password2',
      'password1',
    ]);
  });

  it('comes back when it is deleted and requested again, over the recovered secret', () => {
    const run = provisionedRun();
    run.send(command('keyturn.token.deletion-requested', hour, { reason: 'move' }));
    run.world.now = Date.parse(at(hour));
    run.work();
    expect(run.state.status).toBe('deleted');
    expect(run.wakeAt).toBeUndefined();
    expect(run.world.secret.standing).toBe('softDeleted');
    run.world.now = Date.parse(at(2 * hour));
    run.send(command('keyturn.token.requested', 2 * hour, request));
    run.work();
    expect(run.state).toMatchObject({ status: 'active', incarnation: 2, generation: 1 });
    expect(run.world.logsIn(run.world.newest()?.value ?? 0)).toBe(true);
    expect(typesOf(run)).toEqual(['provisioned', 'deleted', 'provisioned']);
  });

  it('goes on when its record is lost', () => {
    const run = provisionedRun();
    run.passTime(10 * day);
    run.state = newState(identity);
    run.work();
    expect(run.state).toMatchObject({
      status: 'active',
      generation: 1,
      managed: { schedule: managed().schedule },
    });
    expect(run.passTime(60 * day)).toContain('rotate');
  });

  it('is revoked, stays revoked, and comes back only by reinstatement', () => {
    const run = provisionedRun();
    run.send(command('keyturn.token.revocation-requested', minute, { reason: 'leaked' }));
    run.work();
    expect(run.state.status).toBe('revoked');
    run.send(command('keyturn.token.enable-requested', 2 * minute, { reason: 'x' }));
    run.send(command('keyturn.token.requested', 3 * minute, request));
    run.work();
    expect(run.state.status).toBe('revoked');
    run.send(command('keyturn.token.reinstatement-requested', 4 * minute, { reason: 'ok' }));
    run.work();
    expect(run.state.status).toBe('active');
    expect(typesOf(run)).toEqual([
      'provisioned',
      'revoked',
      'request-denied',
      'request-denied',
      'reinstated',
    ]);
    expect(run.world.logsIn(run.world.newest()?.value ?? 0)).toBe(true);
  });
});
