import { z } from 'zod';
import { repositoriesSchema } from './access.ts';
import { cloudEventSchema } from './cloud-event.ts';
import { type Duration, durationOrZeroSchema, durationSchema, milliseconds } from './durations.ts';
import { dateSchema, type Instant } from './instants.ts';
import {
  ownerSchema,
  registryNameSchema,
  scopeMapNameSchema,
  secretNameSchema,
  slotSchema,
  tokenNameSchema,
} from './names.ts';
import { violation } from './violations.ts';

/** Free text of a sender: at most 256 characters, so that it fits in a tag of a vault secret. */
export const textSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, violation('invalidText'));

/** A name of the configuration's `profiles`. */
export const profileNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/, violation('invalidFormat'));

const ofToken = { registry: registryNameSchema, token: tokenNameSchema };
/** In commands after the first, the owner is a claim that can be left out; if given, it must be the token's. */
const ofOwnedToken = { ...ofToken, owner: ownerSchema.optional() };

/** `password` is the plain password; `dockerConfigJson` is a Docker config file for the login server. */
export const deliveryFormats = ['password', 'dockerConfigJson'] as const;

const namedScopeMap = z.strictObject({ scopeMap: scopeMapNameSchema });

/** For whom a token is, and how its passwords are to be looked after. */
const terms = {
  owner: ownerSchema,
  purpose: textSchema.optional(),
  profile: profileNameSchema.optional(),
  rotateEvery: durationSchema.optional(),
  overlap: durationSchema.optional(),
  expiresAt: dateSchema.optional(),
  lifetime: durationSchema.optional(),
  delivery: z
    .strictObject({
      format: z.enum(deliveryFormats).default('password'),
      secretName: secretNameSchema.optional(),
    })
    .optional(),
};

interface Times {
  readonly rotateEvery?: Duration | undefined;
  readonly overlap?: Duration | undefined;
  readonly expiresAt?: Instant | undefined;
  readonly lifetime?: Duration | undefined;
}

const hasOneEnd = ({ expiresAt, lifetime }: Times) => expiresAt === undefined || lifetime === undefined;
const oneEnd = { ...violation('lifetimeAndExpiresAt'), path: ['lifetime'] };

const hasShortOverlap = ({ rotateEvery, overlap }: Times) =>
  !rotateEvery || !overlap || milliseconds(overlap) < milliseconds(rotateEvery);
const shortOverlap = { ...violation('overlapNotBelowRotateEvery'), path: ['overlap'] };

const requested = z
  .strictObject({
    ...ofToken,
    access: z.union([namedScopeMap, z.strictObject({ repositories: repositoriesSchema })]),
    ...terms,
  })
  .refine(hasOneEnd, oneEnd)
  .refine(hasShortOverlap, shortOverlap);

const adoptionRequested = z
  .strictObject({
    ...ofToken,
    /** Whose password may be overwritten; the other slot's stays as it is. */
    slot: slotSchema,
    ...terms,
  })
  .refine(hasOneEnd, oneEnd)
  .refine(hasShortOverlap, shortOverlap);

const rotationRequested = z
  .strictObject({
    ...ofOwnedToken,
    reason: textSchema.optional(),
    /** The published password may be known to others: rotate even if that cuts somebody's password short. */
    compromised: z.boolean().default(false),
    /** How long the password that is replaced works on; the token's overlap if left out. */
    previousValidFor: durationOrZeroSchema.optional(),
  })
  .refine(
    ({ compromised, previousValidFor }) =>
      compromised || previousValidFor === undefined || milliseconds(previousValidFor) > 0,
    { ...violation('zeroNeedsCompromised'), path: ['previousValidFor'] },
  );

const accessChanged = z.strictObject({
  ...ofOwnedToken,
  access: z.union([
    namedScopeMap,
    z
      .strictObject({ added: repositoriesSchema.optional(), removed: repositoriesSchema.optional() })
      .refine(
        ({ added, removed }) => added !== undefined || removed !== undefined,
        violation('nothingToChange'),
      ),
  ]),
});

const withReason = z.strictObject({ ...ofOwnedToken, reason: textSchema });

/** Every command that may come by an entrance; narrow by `type`. */
export const commandSchema = z.discriminatedUnion('type', [
  cloudEventSchema('keyturn.token.requested', requested),
  cloudEventSchema('keyturn.token.adoption-requested', adoptionRequested),
  cloudEventSchema('keyturn.token.rotation-requested', rotationRequested),
  cloudEventSchema('keyturn.token.access-changed', accessChanged),
  cloudEventSchema('keyturn.token.disable-requested', withReason),
  cloudEventSchema('keyturn.token.enable-requested', withReason),
  cloudEventSchema('keyturn.token.deletion-requested', withReason),
  cloudEventSchema('keyturn.token.revocation-requested', withReason),
  cloudEventSchema('keyturn.token.reinstatement-requested', withReason),
]);

export type Command = z.output<typeof commandSchema>;
export type CommandType = Command['type'];
export type CommandOf<Type extends CommandType> = Extract<Command, { type: Type }>;

export const commandTypes: readonly CommandType[] = commandSchema.options.map(
  ({ shape }) => shape.type.value,
);

/** Whether a command of that type puts a token under management that was not before: made, or taken over. */
export function beginsManagement(type: CommandType): type is BeginningType {
  return type === 'keyturn.token.requested' || type === 'keyturn.token.adoption-requested';
}

export type BeginningType = 'keyturn.token.requested' | 'keyturn.token.adoption-requested';

/** Commands that may come by an entrance's urgent queue, and that no quota holds back. */
export const urgentCommandTypes = [
  'keyturn.token.revocation-requested',
  'keyturn.token.disable-requested',
] as const satisfies readonly CommandType[];

export function isUrgent(type: CommandType): boolean {
  return urgentCommandTypes.some((urgent) => urgent === type);
}
