import fc from 'fast-check';
import type { CommandType } from '../../../src/contracts/commands.ts';
import type { PendingCommand } from '../../../src/lifecycle/command-order.ts';
import type { Judgement } from '../../../src/lifecycle/facts.ts';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import type { TokenState } from '../../../src/lifecycle/state.ts';
import { command, day, hour, managed, minute, second, start } from '../build.ts';
import type { LifecycleRun } from './lifecycle-run.ts';
import type { Fate } from './run-step.ts';

/** What may happen to a token, in any order. */
export type Happening =
  | { readonly kind: 'command'; readonly type: CommandType; readonly late: number; readonly variant: number }
  | { readonly kind: 'time'; readonly passes: number }
  | { readonly kind: 'trouble'; readonly fates: readonly Fate[] }
  | { readonly kind: 'lostSettle' }
  | { readonly kind: 'wake' };

const commandTypes = fc.constantFrom<CommandType>(
  'keyturn.token.requested',
  'keyturn.token.requested',
  'keyturn.token.adoption-requested',
  'keyturn.token.rotation-requested',
  'keyturn.token.rotation-requested',
  'keyturn.token.access-changed',
  'keyturn.token.disable-requested',
  'keyturn.token.enable-requested',
  'keyturn.token.enable-requested',
  'keyturn.token.deletion-requested',
  'keyturn.token.revocation-requested',
  'keyturn.token.reinstatement-requested',
);

const transientCodes = fc.constantFrom(
  'throttled' as const,
  'unavailable' as const,
  'accessDenied' as const,
  'neverAccepted' as const,
  'acceptanceUnknown' as const,
  'leaseTaken' as const,
  'leaseLost' as const,
  'revocationPending' as const,
  'unexpected' as const,
);

const fates: fc.Arbitrary<Fate> = fc.oneof(
  fc.constantFrom<Fate>({ kind: 'works' }, { kind: 'runsTwice' }),
  fc.record({
    kind: fc.constantFrom('failsBefore' as const, 'failsMidway' as const, 'failsAfter' as const),
    code: transientCodes,
    wait: fc.constantFrom(0, 0, minute, hour),
  }),
);

export const happenings: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      type: commandTypes,
      late: fc.constantFrom(0, 0, 0, second, hour, 3 * day),
      variant: fc.nat(7),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      passes: fc.constantFrom(second, minute, hour, 7 * hour, day, 5 * day, 20 * day, 70 * day),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('trouble' as const), fates: fc.array(fates, { maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'lostSettle' as const }, { kind: 'wake' as const }) },
);

const cadences = [
  { profile: 'standard', rotateEvery: 'P60D', overlap: 'P14D' },
  { profile: 'live', rotateEvery: 'P30D', overlap: 'P3D' },
  { profile: 'device', rotateEvery: 'P180D', overlap: 'P60D' },
];

/** How long a token lives, by variant; most live for ever. */
const lifetimes: Readonly<Record<number, number>> = { 5: 5 * day, 6: 30 * day, 7: 100 * day };

/** The policy allows everything; a request's purpose says which of some variants it asks for. */
export function judge({ command }: PendingCommand, state: TokenState): Judgement {
  if (command.type === 'keyturn.token.requested') {
    const variant = Number(command.data.purpose ?? '0');
    const access =
      variant % 2 === 0
        ? { scopeMap: 'shared-read', own: false }
        : { scopeMap: 'team-web-scope-map', own: true, repositories: { web: ['content/read' as const] } };
    const schedule = cadences[variant % 3] ?? managed().schedule;
    const lifetime = lifetimes[variant];
    const endOfLife = lifetime === undefined ? undefined : plus(command.time, lifetime);
    return {
      verdict: 'allowed',
      managed: managed({ access, schedule, purpose: command.data.purpose, endOfLife }),
    };
  }
  if (command.type === 'keyturn.token.adoption-requested') {
    const schedule = cadences[Number(command.data.purpose ?? '0') % 3] ?? managed().schedule;
    const access = { scopeMap: 'made-by-others', own: false };
    return { verdict: 'allowed', managed: managed({ access, schedule, purpose: command.data.purpose }) };
  }
  if (state.status === 'none' || state.status === 'deleted')
    return { verdict: 'denied', rule: 'noSuchToken' };
  if (command.type === 'keyturn.token.access-changed') {
    return { verdict: 'allowed', access: { scopeMap: 'other-map', own: false } };
  }
  return { verdict: 'allowed' };
}

/** Seconds after the start at which the broker took a command that comes late, and what it says. */
function commandFor(run: LifecycleRun, { type, late, variant }: Extract<Happening, { kind: 'command' }>) {
  const sent = Math.max(0, run.world.now - Date.parse(start) - late);
  switch (type) {
    case 'keyturn.token.requested':
      return command(type, sent, {
        owner: 'team-web',
        access: { scopeMap: 'any-map' },
        purpose: String(variant),
      });
    case 'keyturn.token.adoption-requested': {
      const slot = variant % 2 === 0 ? 'password1' : 'password2';
      return command(type, sent, { owner: 'team-web', slot, purpose: String(variant) });
    }
    case 'keyturn.token.rotation-requested': {
      const compromised = variant % 2 === 1;
      const previousValidFor = compromised && variant > 5 ? 'PT0S' : variant > 3 ? 'P1D' : undefined;
      return command(type, sent, {
        compromised,
        ...(previousValidFor === undefined ? {} : { previousValidFor }),
      });
    }
    case 'keyturn.token.access-changed':
      return command(type, sent, { access: { scopeMap: 'other-map' } });
    default:
      return command(type, sent, { reason: 'because' });
  }
}

export function happen(run: LifecycleRun, happening: Happening): void {
  switch (happening.kind) {
    case 'command':
      run.send(commandFor(run, happening));
      run.work();
      return;
    case 'time':
      run.passTime(happening.passes, 10 * day);
      return;
    case 'trouble':
      run.fates.push(...happening.fates);
      return;
    case 'lostSettle':
      run.lostSettles += 1;
      return;
    case 'wake':
      run.work();
  }
}
