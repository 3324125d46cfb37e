import { z } from 'zod';
import type { TokenFinding } from '../contracts/findings.ts';
import { type Healing, possibleHealings } from '../lifecycle/drift/healing.ts';

/** What may be chosen for a finding; of one that is not named, it is only reported. */
function modeOf(finding: TokenFinding): z.ZodOptional<z.ZodType<Healing, Healing>> {
  const modes: readonly Healing[] = ['report', ...possibleHealings[finding]];
  return z.enum(modes).optional();
}

export const healingSchema = z.strictObject({
  disabledOutOfBand: modeOf('disabledOutOfBand'),
  deletedOutOfBand: modeOf('deletedOutOfBand'),
  reEnabledOutOfBand: modeOf('reEnabledOutOfBand'),
  scopeMapChanged: modeOf('scopeMapChanged'),
  scopeMapContentChanged: modeOf('scopeMapContentChanged'),
  passwordVanished: modeOf('passwordVanished'),
  publishedDead: modeOf('publishedDead'),
  unpublishedSlotRegenerated: modeOf('unpublishedSlotRegenerated'),
  secretMissing: modeOf('secretMissing'),
  secretDisabled: modeOf('secretDisabled'),
  secretForeign: modeOf('secretForeign'),
  outOfPolicy: modeOf('outOfPolicy'),
} satisfies Record<TokenFinding, z.ZodType>);
