import type { Configuration } from '../../../configuration/configuration.ts';
import { milliseconds } from '../../../contracts/durations.ts';

type Configured = Pick<Configuration, 'entrances' | 'profiles' | 'vaults'>;

/**
 * The longest that a secret of this vault will be valid for, in milliseconds, by the profiles and bounds of the entrances
 * that deliver there: a credential lives for `rotateEvery` and `overlap` together, and no longer than the vault's
 * `longestValidity`. Undefined: no entrance delivers there. A request without bounds may ask for more than its profile says;
 * that is not counted.
 */
export function canaryValidity(
  { entrances, profiles, vaults }: Configured,
  vault: string,
): number | undefined {
  const planned = [...entrances.values()]
    .filter(({ policy }) => policy.vault === vault)
    .flatMap(({ policy: { profiles: names, bounds } }) =>
      names.flatMap((name) => {
        const profile = profiles.get(name);
        if (profile === undefined) return [];
        return (
          longest(profile.rotateEvery, bounds.maximumRotateEvery) +
          longest(profile.overlap, bounds.maximumOverlap)
        );
      }),
    );
  if (planned.length === 0) return undefined;
  const allowed = vaults.get(vault)?.longestValidity;
  return Math.min(Math.max(...planned), allowed === undefined ? Infinity : milliseconds(allowed));
}

/** Of a value and what may be asked for instead, if that is bounded at all. */
function longest(usual: string, maximum: string | undefined): number {
  return Math.max(milliseconds(usual), maximum === undefined ? 0 : milliseconds(maximum));
}
