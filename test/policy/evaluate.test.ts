import { describe, expect, it } from 'vitest';
import { evaluate, evaluateWhenPlanning, rules } from '../../src/policy/evaluate.ts';
import { command, completeFacts, judged } from './build.ts';

describe('the rules', () => {
  it('are asked in this order: who asks and for what, then how, then the world', () => {
    expect(Object.keys(rules)).toEqual([
      'sourceNotAllowed',
      'commandNotAllowed',
      'registryNotAllowed',
      'tokenNameNotAllowed',
      'ownerNotAllowed',
      'adoptionNotAllowed',
      'noSuchToken',
      'ownedByAnother',
      'tokenOfConnectedRegistry',
      'scopeMapNotListed',
      'repositoryNotAllowed',
      'profileNotAllowed',
      'rotateEveryTooShort',
      'rotateEveryTooLong',
      'overlapTooShort',
      'overlapTooLong',
      'overlapNotBelowRotateEvery',
      'endOfLifeMissing',
      'endOfLifePast',
      'lifetimeTooLong',
      'secretNameNotAllowed',
      'earlyRotationNotAllowed',
      'previousValidForTooShort',
      'actionNotAllowed',
      'tokenQuotaReached',
      'commandQuotaReached',
    ]);
  });

  it('name the first violation only, so that a stranger learns nothing of a token', () => {
    const unlisted = command('keyturn.token.deletion-requested', { token: 'api-web' });
    const facts = { token: 'none', commandsInLastHour: 5_000 } as const;
    const fromStranger = { command: { ...unlisted, source: '/cron/1' }, facts };
    expect(evaluate(judged(fromStranger))).toMatchObject({ rule: 'sourceNotAllowed' });
    expect(evaluate(judged({ command: unlisted, facts }))).toMatchObject({ rule: 'commandNotAllowed' });
  });

  it('deny a profile that is not configured, although the configuration should not have let it through', () => {
    expect(evaluate(judged({ profiles: new Map() }))).toMatchObject({ rule: 'profileNotAllowed' });
  });
});

describe('when planning', () => {
  it('a command is judged again on all facts, but not on how many commands came', () => {
    const flood = { ...completeFacts, commandsInLastHour: 100_000 };
    expect(evaluateWhenPlanning({ ...judged(), facts: completeFacts })).toEqual({ allowed: true });
    expect(evaluateWhenPlanning({ ...judged(), facts: flood })).toEqual({ allowed: true });
    const facts = { ...completeFacts, actionsThen: ['repositories/finance/content/read'] };
    expect(evaluateWhenPlanning({ ...judged(), facts })).toMatchObject({ rule: 'actionNotAllowed' });
  });

  it('no fact can be left out', () => {
    // @ts-expect-error What the token will be able to do is missing.
    const judge = () => evaluateWhenPlanning({ ...judged(), facts: { token: 'none', tokensOfEntrance: 0 } });
    expect(judge).toBeTypeOf('function');
  });
});
