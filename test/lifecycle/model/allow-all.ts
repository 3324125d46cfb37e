import type { PendingCommand } from '../../../src/lifecycle/command-order.ts';
import type { Judgement } from '../../../src/lifecycle/facts.ts';
import type { TokenState } from '../../../src/lifecycle/state.ts';
import { managed } from '../build.ts';

/** A policy that allows everything that can be done at all. A request asks for `managed()`, and what it says beside. */
export function allowAll({ command }: PendingCommand, state: TokenState): Judgement {
  switch (command.type) {
    case 'keyturn.token.requested': {
      const { expiresAt, purpose, rotateEvery, overlap } = command.data;
      const { schedule } = managed();
      return {
        verdict: 'allowed',
        managed: managed({
          endOfLife: expiresAt,
          purpose,
          schedule: {
            ...schedule,
            rotateEvery: rotateEvery ?? schedule.rotateEvery,
            overlap: overlap ?? schedule.overlap,
          },
        }),
      };
    }
    case 'keyturn.token.adoption-requested':
      return { verdict: 'allowed', managed: managed({ purpose: command.data.purpose }) };
    case 'keyturn.token.access-changed': {
      const { access } = command.data;
      if ('scopeMap' in access)
        return { verdict: 'allowed', access: { scopeMap: access.scopeMap, own: false } };
      const repositories = access.added ?? {};
      return { verdict: 'allowed', access: { scopeMap: 'team-web-scope-map', own: true, repositories } };
    }
    default:
      return state.status === 'none' || state.status === 'deleted'
        ? { verdict: 'denied', rule: 'noSuchToken' }
        : { verdict: 'allowed' };
  }
}
