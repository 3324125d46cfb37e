import type { Severity } from '../../contracts/events.ts';
import type { TokenFinding } from '../../contracts/findings.ts';
import type { Instant } from '../../contracts/instants.ts';
import { sameName } from '../../contracts/names.ts';
import { type Slot, slots } from '../credential.ts';
import type { RegistryToken, SlotEntry, VaultSecret } from '../facts.ts';
import { millisecondsBetween, second } from '../instant-arithmetic.ts';
import { entryOf } from '../slots.ts';
import { type Believed, digestOfActions } from './believed.ts';

/** The newest version of a token's secret, by its tags. */
export interface FoundSecret {
  readonly standing: VaultSecret['standing'];
  /** Of the newest version. */
  readonly enabled?: boolean | undefined;
  /** The rotation id that Keyturn's tags for this token give; missing if somebody else wrote the version. */
  readonly ours?: { readonly incarnation: number; readonly generation: number } | undefined;
}

/** How a token was found. What is left out could not be read, or is not of interest, and is not compared. */
export interface Found {
  /** Null: there is no such token. */
  readonly token?: RegistryToken | null | undefined;
  /** What the scope map that it is bound to grants; null: there is no such map. */
  readonly actions?: readonly string[] | null | undefined;
  readonly secret?: FoundSecret | undefined;
  /** What the policy does not allow of that; missing: nothing. */
  readonly outOfPolicy?: string | undefined;
  /** When others are known to have made passwords in the registry, more or less; and passwords known to be theirs. */
  readonly madeByOthers?: readonly Instant[] | undefined;
  readonly foreign?: readonly Instant[] | undefined;
}

/** The difference that says that a token has no password at all. */
export const allPasswords = 'passwords';

type Others = Pick<Found, 'madeByOthers' | 'foreign'>;

/** A finding, as the comparison gives it. */
export interface Deviation {
  readonly finding: TokenFinding;
  readonly severity: Exclude<Severity, 'info'>;
  readonly differences: readonly {
    readonly what: string;
    readonly believed?: string;
    readonly found?: string;
  }[];
}

/** Everything in which a token is not as it is believed to be; of each finding one. */
export function compare(believed: Believed, found: Found, now: Instant): Deviation[] {
  const { token } = found;
  if (token === null) return [gone(believed)];
  if (isAhead(believed, found)) return token ? statusDeviations(believed, token, now) : [];
  return [
    ...(token ? statusDeviations(believed, token, now) : []),
    ...(token && believed.status !== 'revoked' ? accessDeviations(believed, token, found) : []),
    ...(token && believed.status !== 'revoked' ? passwordDeviations(believed, token, found, now) : []),
    ...secretDeviations(believed, found),
  ];
}

/** Passwords that may be our own although we do not know: from now on they are accounted for. */
export function accountedFor(
  believed: Believed,
  { token, ...others }: Found,
): Readonly<Partial<Record<Slot, Instant>>> {
  const unknown = slots.flatMap((slot) => {
    const entry = token && entryOf(token, slot);
    if (!entry || isKnown(believed, entry) || !maybeOurs(believed, entry, others)) return [];
    return [[slot, entry.createdAt]];
  });
  return Object.fromEntries(unknown);
}

function gone({ status }: Believed): Deviation {
  const severity = status === 'active' || status === 'disabled' ? 'critical' : 'warning';
  return deviation('deletedOutOfBand', severity, 'token', 'present', 'absent');
}

/** A password was published whose plan is not settled: what is believed of passwords is out of date, and not compared. */
export function isAhead({ secret: { incarnation, generation } }: Believed, { secret }: Found): boolean {
  const ours = secret?.ours;
  if (!ours) return false;
  return ours.incarnation > incarnation || (ours.incarnation === incarnation && ours.generation > generation);
}

function statusDeviations({ status }: Believed, { enabled, passwords }: RegistryToken, now: Instant) {
  if (status === 'active')
    return enabled ? [] : [deviation('disabledOutOfBand', 'critical', 'status', 'enabled', 'disabled')];
  // A token that has expired is harmless unless one of its passwords works.
  const works = status !== 'expired' || passwords.some(({ expiresAt }) => !expiresAt || expiresAt > now);
  return enabled && works
    ? [deviation('reEnabledOutOfBand', 'critical', 'status', 'disabled', 'enabled')]
    : [];
}

function accessDeviations(believed: Believed, token: RegistryToken, { actions, outOfPolicy }: Found) {
  const deviations: Deviation[] = [];
  const isBound = sameName(believed.scopeMap, token.scopeMap);
  if (!isBound)
    deviations.push(deviation('scopeMapChanged', 'warning', 'scopeMap', believed.scopeMap, token.scopeMap));
  if (isBound && actions === null)
    deviations.push(deviation('scopeMapContentChanged', 'warning', 'scopeMap', 'present', 'absent'));
  if (isBound && actions && believed.grants !== undefined && digestOfActions(actions) !== believed.grants)
    deviations.push(deviation('scopeMapContentChanged', 'warning', 'actions', undefined, undefined));
  if (outOfPolicy !== undefined)
    deviations.push(deviation('outOfPolicy', 'critical', 'action', undefined, outOfPolicy));
  return deviations;
}

function passwordDeviations(
  believed: Believed,
  token: RegistryToken,
  others: Others,
  now: Instant,
): Deviation[] {
  const vanished = slots.flatMap((slot) => vanishedFrom(slot, believed, token, now));
  const regenerated = slots.flatMap((slot) => regeneratedIn(slot, believed, token, others, now));
  return [...joined(vanished, token), ...regenerated];
}

function vanishedFrom(slot: Slot, believed: Believed, token: RegistryToken, now: Instant): Deviation[] {
  const createdAt = dueIn(slot, believed, now);
  if (createdAt === undefined || entryOf(token, slot)) return [];
  const severity = believed.published === slot ? 'critical' : 'warning';
  return [deviation('passwordVanished', severity, slot, createdAt, 'absent')];
}

function regeneratedIn(
  slot: Slot,
  believed: Believed,
  token: RegistryToken,
  others: Others,
  now: Instant,
): Deviation[] {
  const entry = entryOf(token, slot);
  if (!entry || isKnown(believed, entry)) return [];
  const due = dueIn(slot, believed, now);
  if (believed.published === slot)
    return due === undefined ? [] : [deviation('publishedDead', 'critical', slot, due, entry.createdAt)];
  if (hasExpired(entry, now) || maybeOurs(believed, entry, others)) return [];
  return [deviation('unpublishedSlotRegenerated', 'critical', slot, due, entry.createdAt)];
}

/** When the password was made that is to work now; nothing if none is. */
function dueIn(slot: Slot, { passwords }: Believed, now: Instant): Instant | undefined {
  const password = passwords[slot];
  return password?.until !== undefined && password.until > now ? password.createdAt : undefined;
}

/** Both passwords gone at once are one finding; and that no password is left is worth a word. */
function joined(vanished: readonly Deviation[], { passwords }: RegistryToken): Deviation[] {
  const [first] = vanished;
  if (!first) return [];
  const severity = vanished.some((each) => each.severity === 'critical') ? 'critical' : 'warning';
  const differences = vanished.flatMap((each) => each.differences);
  const none = passwords.length === 0 ? [{ what: allPasswords, found: 'none' }] : [];
  return [{ ...first, severity, differences: [...differences, ...none] }];
}

function secretDeviations({ status }: Believed, { secret }: Found): Deviation[] {
  if (!secret || (status !== 'active' && status !== 'disabled')) return [];
  if (secret.standing !== 'present')
    return [deviation('secretMissing', 'critical', 'secret', 'present', secret.standing)];
  if (!secret.ours) return [deviation('secretForeign', 'critical', 'secretVersion', undefined, undefined)];
  return status === 'active' && secret.enabled === false
    ? [deviation('secretDisabled', 'critical', 'secretVersion', 'enabled', 'disabled')]
    : [];
}

function isKnown({ passwords, accounted }: Believed, { slot, createdAt }: SlotEntry): boolean {
  return passwords[slot]?.createdAt === createdAt || accounted[slot] === createdAt;
}

/** How far Azure's report of a password may be from its creation time. */
const reportTolerance = 30 * second;

function maybeOurs(
  { ownWork }: Believed,
  { createdAt }: SlotEntry,
  { madeByOthers = [], foreign = [] }: Others,
): boolean {
  if (!ownWork || createdAt < ownWork.from || createdAt > (ownWork.to ?? createdAt)) return false;
  if (foreign.includes(createdAt)) return false;
  return !madeByOthers.some((at) => Math.abs(millisecondsBetween(at, createdAt)) <= reportTolerance);
}

function hasExpired({ expiresAt }: SlotEntry, now: Instant): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

function deviation(
  finding: TokenFinding,
  severity: Deviation['severity'],
  what: string,
  believed: string | undefined,
  found: string | undefined,
): Deviation {
  const difference = {
    what,
    ...(believed === undefined ? {} : { believed }),
    ...(found === undefined ? {} : { found }),
  };
  return { finding, severity, differences: [difference] };
}
