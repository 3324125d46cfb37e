import type { BeginningType, Command, CommandOf } from '../contracts/commands.ts';
import type { Duration } from '../contracts/durations.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Policy } from './policy-document.ts';
import type { Profile } from './profile.ts';

/** Whose an existing token is, as its record says. */
export interface TokenOwnership {
  readonly entrance: string;
  readonly owner: string;
  readonly profile: string;
}

/** What must be looked up before a command can be judged to the end. */
export interface PolicyFacts {
  /** `none` also for a token that was deleted: its name is free. */
  readonly token: TokenOwnership | 'none';
  /** What the token will be able to do once the command is carried out: all actions of its scope map then. */
  readonly actionsThen: readonly string[];
  /** Of a token that is to be adopted: the scope map that it is bound to. */
  readonly boundScopeMap?: string;
  readonly tokensOfEntrance: number;
  /** Commands that came by the entrance in the hour before this one. */
  readonly commandsInLastHour: number;
}

/** One command at one entrance, and all that its rules look at. A fact that is left out is not judged. */
export interface Judged {
  readonly entrance: string;
  readonly policy: Policy;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly command: Command;
  readonly now: Instant;
  readonly facts: Partial<PolicyFacts>;
}

/** One reason to say no, named for the violation: gives what violates the policy, or nothing. */
export type Rule = (judged: Judged) => string | undefined;

export interface Schedule {
  readonly profile: string;
  readonly rotateEvery: Duration;
  readonly overlap: Duration;
}

type Request = CommandOf<BeginningType>['data'];

/** The schedule that a request asks for, with what it leaves open taken from its profile; none if that is unknown. */
export function requestedSchedule(
  request: Pick<Request, 'profile' | 'rotateEvery' | 'overlap'>,
  policy: Pick<Policy, 'profiles'>,
  profiles: ReadonlyMap<string, Profile>,
): Schedule | undefined {
  const name = request.profile ?? policy.profiles[0];
  const profile = name === undefined ? undefined : profiles.get(name);
  if (name === undefined || profile === undefined) return undefined;
  return {
    profile: name,
    rotateEvery: request.rotateEvery ?? profile.rotateEvery,
    overlap: request.overlap ?? profile.overlap,
  };
}
