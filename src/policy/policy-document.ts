import { z } from 'zod';
import { weeklyWindowSchema } from '../calendar/weekly-window.ts';
import { anyRepositoriesSchema } from '../contracts/access.ts';
import { commandTypes, profileNameSchema } from '../contracts/commands.ts';
import { durationSchema } from '../contracts/durations.ts';
import { entranceNameSchema, registryNameSchema, scopeMapNameSchema } from '../contracts/names.ts';
import { healingSchema } from './healing-document.ts';
import { textPatternSchema } from './text-pattern.ts';

const patterns = z.array(textPatternSchema).min(1);

/**
 * What may be asked for at one entrance. Everything that is not listed is denied. Unless said otherwise, `*` in a
 * pattern stands for any text.
 */
export const policySchema = z.strictObject({
  /** Patterns of the CloudEvents sources that may send here. */
  sources: patterns,
  /** Patterns of the owners that tokens may be for. */
  owners: patterns,
  /** The command types that may be sent. */
  commands: z.array(z.enum(commandTypes)).min(1),
  /** Registries, by their names in the configuration. */
  registries: z.array(registryNameSchema).min(1),
  /** Patterns of token names. */
  tokens: patterns,
  /** What tokens may be able to do, as in a request: `{"team/*": ["content/read"]}`. Nothing by default. */
  repositories: anyRepositoriesSchema.default({}),
  /** Scope maps that may be asked for by name; their actions must lie within `repositories` as well. */
  scopeMaps: z.array(scopeMapNameSchema).default([]),
  /** The vault that passwords are written to, by its name in the configuration. */
  vault: z.string(),
  /** Patterns of the secret names that a request may ask for. Without any, secrets are named by Keyturn. */
  secretNames: z.array(textPatternSchema).default([]),
  /** Profiles that may be asked for; the first is taken when a request names none. */
  profiles: z.array(profileNameSchema).min(1).default(['standard']),
  /** Narrower than the profiles, if need be. */
  bounds: z
    .strictObject({
      minimumRotateEvery: durationSchema.optional(),
      maximumRotateEvery: durationSchema.optional(),
      minimumOverlap: durationSchema.optional(),
      maximumOverlap: durationSchema.optional(),
      /** With it, every request must say when its token ends, and that must not be later than this from now. */
      maximumLifetime: durationSchema.optional(),
    })
    .prefault({}),
  quotas: z
    .strictObject({
      /** Tokens that belong to the entrance at a time. */
      tokens: z.int().min(1).default(500),
      /** Commands in any hour; revoking and disabling are not counted. */
      commandsPerHour: z.int().min(1).default(1_000),
    })
    .prefault({}),
  /**
   * Other entrances whose tokens may be managed from here (not requested again, which only their owners may); and
   * `unmanaged`, whose tokens may be adopted.
   */
  manages: z
    .array(z.strictObject({ entrance: entranceNameSchema, tokens: patterns.default(['*']) }))
    .default([]),
  /**
   * What Keyturn does by itself about what it finds wrong with a token, by the name of the finding: `report`, or what
   * `possibleHealings` has for it.
   */
  healing: healingSchema.prefault({}),
  /** Whether the secret's version is disabled together with the token. */
  onDisable: z.enum(['disableSecret', 'keepSecret']).default('disableSecret'),
  /** Whether a token that is bound to another scope map gets a new password as well. */
  rotateOnScopeMapChange: z.boolean().default(false),
  /** When tokens rotate that nobody sent a message for, unless their passwords would run out; at any time, if empty. */
  rotationWindows: z.array(weeklyWindowSchema).default([]),
  /** A command that is sent longer than this after its own time is set aside. */
  staleAfter: durationSchema.default('P1D'),
});

export type Policy = z.output<typeof policySchema>;
