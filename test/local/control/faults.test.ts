import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Faults } from '../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../infra/local/control/request-history.ts';

const fail = { kind: 'fail', status: 503 } as const;

describe('injected faults', () => {
  it('hit as many requests as they were told, then no more', () => {
    const faults = new Faults();
    faults.inject({ part: 'key-vault', effect: fail, times: 2 });
    const met = [1, 2, 3].map(() => faults.take('key-vault', 'GET /secrets')?.kind);
    expect(met).toEqual(['fail', 'fail', undefined]);
  });

  it('hit every request until they are cleared when no number is given', () => {
    const faults = new Faults();
    faults.inject({ part: 'key-vault', effect: fail });
    for (let turn = 0; turn < 100; turn += 1) expect(faults.take('key-vault', 'GET /')).toBeDefined();
    faults.clear('key-vault');
    expect(faults.take('key-vault', 'GET /')).toBeUndefined();
  });

  it('leave other parts and requests that do not match alone', () => {
    const faults = new Faults();
    faults.inject({ part: 'resource-manager', effect: fail, match: '^POST .*generateCredentials', times: 1 });
    expect(faults.take('key-vault', 'POST /x/generateCredentials')).toBeUndefined();
    expect(faults.take('resource-manager', 'GET /x/generateCredentials')).toBeUndefined();
    expect(faults.take('resource-manager', 'POST /x/generatecredentials')).toEqual(fail);
  });

  it('of one part are used in the order in which they were injected', () => {
    const faults = new Faults();
    faults.inject({ part: 'identity', effect: fail, times: 1 });
    faults.inject({ part: 'identity', effect: { kind: 'delay', milliseconds: 5 }, times: 1 });
    expect([faults.take('identity', 'GET /')?.kind, faults.take('identity', 'GET /')?.kind]).toEqual([
      'fail',
      'delay',
    ]);
  });

  it('clear everywhere at once, reachability included', () => {
    const faults = new Faults();
    faults.inject({ part: 'identity', effect: fail });
    faults.setReachable('storage', false);
    faults.clear();
    expect(faults.take('identity', 'GET /')).toBeUndefined();
    expect(faults.isReachable('storage')).toBe(true);
  });

  it.each([
    [{ part: 'moon', effect: fail }, 'part'],
    [{ part: 'storage', effect: { kind: 'explode' } }, 'effect.kind'],
    [{ part: 'storage', effect: fail, match: '(' }, 'match'],
    [{ part: 'storage', effect: fail, times: 0 }, 'times'],
    [{ part: 'storage', effect: { kind: 'fail', status: 200 } }, 'effect.status'],
    [{ part: 'storage', effect: fail, extra: true }, ''],
  ])('are refused when they make no sense: %j', (fault, path) => {
    const attempt = () => new Faults().inject(fault as never);
    expect(attempt).toThrow(z.ZodError);
    try {
      attempt();
    } catch (error) {
      expect((error as z.ZodError).issues[0]?.path.join('.')).toBe(path);
    }
  });
});

describe('the request history', () => {
  it('numbers requests, dates them by the given clock and lists those of a part after a number', () => {
    const history = new RequestHistory(() => new Date('2026-01-01T00:00:00Z'));
    history.add({ part: 'key-vault', request: 'GET /a', outcome: 200 });
    history.add({ part: 'identity', request: 'GET /b', outcome: 200 });
    history.add({ part: 'key-vault', request: 'GET /c', outcome: 404 });
    expect(history.list({ part: 'key-vault', after: 1 })).toEqual([
      { sequence: 3, at: '2026-01-01T00:00:00.000Z', part: 'key-vault', request: 'GET /c', outcome: 404 },
    ]);
    expect(history.list()).toHaveLength(3);
    history.clear();
    expect(history.list()).toEqual([]);
  });

  it('forgets the oldest requests rather than growing without bound', () => {
    const history = new RequestHistory(() => new Date(0), 100);
    for (let turn = 0; turn < 1000; turn += 1) history.add({ part: 'identity', request: `GET /${turn}` });
    const kept = history.list();
    expect(kept.length).toBeLessThanOrEqual(120);
    expect(kept.at(-1)?.request).toBe('GET /999');
  });
});
