import * as facts from './fact-rules.ts';
import type { Judged, PolicyFacts } from './judged.ts';
import * as request from './request-rules.ts';

/** All rules, in the order in which they are asked: first who asks and for what, then how, then the world. */
export const rules = {
  sourceNotAllowed: request.sourceNotAllowed,
  commandNotAllowed: request.commandNotAllowed,
  registryNotAllowed: request.registryNotAllowed,
  tokenNameNotAllowed: request.tokenNameNotAllowed,
  ownerNotAllowed: request.ownerNotAllowed,
  adoptionNotAllowed: request.adoptionNotAllowed,
  noSuchToken: facts.noSuchToken,
  ownedByAnother: facts.ownedByAnother,
  tokenOfConnectedRegistry: facts.tokenOfConnectedRegistry,
  scopeMapNotListed: request.scopeMapNotListed,
  repositoryNotAllowed: request.repositoryNotAllowed,
  profileNotAllowed: request.profileNotAllowed,
  rotateEveryTooShort: request.rotateEveryTooShort,
  rotateEveryTooLong: request.rotateEveryTooLong,
  overlapTooShort: request.overlapTooShort,
  overlapTooLong: request.overlapTooLong,
  overlapNotBelowRotateEvery: request.overlapNotBelowRotateEvery,
  endOfLifeMissing: request.endOfLifeMissing,
  endOfLifePast: request.endOfLifePast,
  lifetimeTooLong: request.lifetimeTooLong,
  secretNameNotAllowed: request.secretNameNotAllowed,
  earlyRotationNotAllowed: facts.earlyRotationNotAllowed,
  previousValidForTooShort: facts.previousValidForTooShort,
  actionNotAllowed: facts.actionNotAllowed,
  tokenQuotaReached: facts.tokenQuotaReached,
  commandQuotaReached: facts.commandQuotaReached,
} as const;

/** The rule that says no; the same name in logs, outcomes and events. */
export type DenialRule = keyof typeof rules;

export type Decision =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly rule: DenialRule;
      /** What it says no to, such as `team/web content/write`. */
      readonly detail: string;
    };

/** Judges a command by the first rule that it violates, as far as the facts are known. */
export function evaluate(judged: Judged): Decision {
  for (const rule of ruleNames) {
    const detail = rules[rule](judged);
    if (detail !== undefined) return { allowed: false, rule, detail };
  }
  return { allowed: true };
}

/** Judges a command before it is carried out. Nothing is left open; only the rate was the intake's to judge. */
export function evaluateWhenPlanning(
  judged: Judged & { readonly facts: Omit<PolicyFacts, 'commandsInLastHour'> },
): Decision {
  return evaluate({ ...judged, facts: { ...judged.facts, commandsInLastHour: 0 } });
}

const ruleNames = Object.keys(rules).filter(isDenialRule);

function isDenialRule(name: string): name is DenialRule {
  return Object.hasOwn(rules, name);
}
