import { describe, expect, it } from 'vitest';
import { referenceTo } from '../../src/lifecycle/command-order.ts';
import type { Work, WorkPlan } from '../../src/lifecycle/plan.ts';
import type { StepResult } from '../../src/lifecycle/steps.ts';
import { planSettledRecord } from '../../src/observability/plan-settled-record.ts';
import { active, at, command, minute, start } from '../lifecycle/build.ts';
import { issued, reissue, settle } from '../lifecycle/evolve/expectations.ts';

const asked = referenceTo(command('keyturn.token.rotation-requested', 0, { compromised: false }));
const rotate: Work = { kind: 'rotate', command: asked, cause: 'request', reissue };

/** The record of a rotation with these results, settled two minutes after it was planned. */
function recordOf(results: readonly StepResult[]) {
  const state = active();
  const plan: WorkPlan = { kind: 'work', number: 1, plannedAt: start, work: rotate, steps: [] };
  const settlement = settle({ state, work: rotate, results, now: at(2 * minute) });
  return planSettledRecord({ plan, results, now: at(2 * minute) }, settlement);
}

describe('the record of a plan that was settled', () => {
  it('correlates the token, the rotation and the commands that ended', () => {
    expect(recordOf([issued(minute)])).toEqual({
      record: 'planSettled',
      registry: active().identity.registry,
      token: active().identity.token,
      entrance: active().managed.entrance,
      owner: active().managed.owner,
      plan: 1,
      work: 'rotate',
      result: 'done',
      rotationId: '1/2',
      commands: [asked.key],
      steps: ['issueCredential'],
      events: ['keyturn.token.rotated'],
      status: 'active',
      tookSeconds: 120,
    });
  });

  it('says why the work failed, and ends no command that is still tried', () => {
    const failed: StepResult = { kind: 'issueCredential', ok: false, code: 'throttled' };
    expect(recordOf([failed])).toMatchObject({
      result: 'failed',
      code: 'throttled',
      rotationId: '1/1',
      commands: [],
    });
  });
});
