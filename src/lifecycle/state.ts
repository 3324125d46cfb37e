import { z } from 'zod';
import { repositoriesSchema } from '../contracts/access.ts';
import { deliveryFormats } from '../contracts/commands.ts';
import { durationOrZeroSchema, durationSchema } from '../contracts/durations.ts';
import { severities } from '../contracts/events.ts';
import { dateSchema, instantSchema } from '../contracts/instants.ts';
import { slotSchema } from '../contracts/names.ts';
import { commandReferenceSchema, marksSchema } from './command-order.ts';
import { credentialsSchema } from './credential.ts';
import { healedSchema, openFindingsSchema, ownWorkSchema } from './drift/open-finding.ts';

/** A token, and where it lives. `registry` is the registry's name in Keyturn's configuration. */
export const tokenIdentitySchema = z.object({
  registry: z.string(),
  loginServer: z.string(),
  token: z.string(),
});

export type TokenIdentity = z.output<typeof tokenIdentitySchema>;

/** What a token may do. An own map was made by Keyturn for this token alone. */
export const accessSchema = z.object({
  scopeMap: z.string(),
  own: z.boolean(),
  /** What the own map grants; missing for a shared map, whose content is somebody else's. */
  repositories: repositoriesSchema.optional(),
});

export type Access = z.output<typeof accessSchema>;

/** Everything that was asked for and allowed, with the policy's defaults filled in. */
export const managedSchema = z.object({
  entrance: z.string(),
  owner: z.string(),
  purpose: z.string().optional(),
  access: accessSchema,
  schedule: z.object({ profile: z.string(), rotateEvery: durationSchema, overlap: durationSchema }),
  endOfLife: dateSchema.optional(),
  delivery: z.object({
    format: z.enum(deliveryFormats),
    vault: z.string(),
    secretName: z.string(),
    /** Without version: a reference with a version never refreshes. */
    secretUri: z.string(),
  }),
});

export type Managed = z.output<typeof managedSchema>;

/** Work that did not succeed, and when it is tried again. */
export const failureSchema = z.object({
  since: instantSchema,
  attempts: z.int().min(1),
  code: z.string(),
  retryAt: instantSchema,
  /** The worst severity that was told, and when, so that it is not told at every try. */
  told: z.object({ severity: z.enum(severities), at: instantSchema }).optional(),
});

export type Failure = z.output<typeof failureSchema>;

/** What a person has to do before the lifecycle can go on. */
export const parkedSchema = z.object({
  since: instantSchema,
  work: z.string(),
  code: z.string(),
  toDo: z.string(),
});

/** The parts of cutting a token off, with when each was done. */
export const cutOffSchema = z.object({
  disabledAt: instantSchema.optional(),
  secretOffAt: instantSchema.optional(),
  regeneratedAt: instantSchema.optional(),
});

export type CutOff = z.output<typeof cutOffSchema>;

const revocationSchema = cutOffSchema.extend({
  command: commandReferenceSchema,
  since: instantSchema,
  attempts: z.int().min(0),
  /** When somebody was last told that it is not complete. */
  toldAt: instantSchema.optional(),
  /** Whether the command has its outcome already. */
  ended: z.boolean(),
});

export type Revocation = z.output<typeof revocationSchema>;

/** A rotation that was asked for and put off. */
const deferredRotationSchema = z.object({
  command: commandReferenceSchema,
  compromised: z.boolean(),
  previousValidFor: durationOrZeroSchema.optional(),
  /** Missing: when the token is enabled. */
  notBefore: instantSchema.optional(),
});

/** A token that is being taken under management: by which command, and which slot may be overwritten. */
const adoptionSchema = z.object({ command: z.string(), slot: slotSchema });

const always = {
  format: z.literal(1),
  identity: tokenIdentitySchema,
  /** Number of the last plan; steps and settles of an earlier one do nothing. */
  plan: z.int().min(0),
  /** Number of the last plan that was settled. */
  settled: z.int().min(0),
  /** When the lifecycle promised to act next; missing if it waits for nothing but commands. */
  lookAt: instantSchema.optional(),
  incarnation: z.int().min(0),
  generation: z.int().min(0),
  /** The last command applied to each aspect. */
  applied: marksSchema,
  /** By the work that failed: a command's key, or the name of work that nobody asked for. */
  failures: z.record(z.string(), failureSchema),
  parked: parkedSchema.optional(),
};

const managedToken = {
  ...always,
  managed: managedSchema,
  credentials: credentialsSchema,
  /** The slot whose password the vault's newest version carries. */
  published: slotSchema.optional(),
  /** Under way until the token is cut off. */
  revocation: revocationSchema.optional(),
  deferredRotation: deferredRotationSchema.optional(),
  /**
   * The token was there before, made by others, and its adoption is not complete: until then only this slot is written,
   * and the token is not ours to remove.
   */
  adoption: adoptionSchema.optional(),
  /** Passwords in the slots that are not on record, by when they were made, and that have been accounted for. */
  accounted: z
    .object({ password1: instantSchema.optional(), password2: instantSchema.optional() })
    .optional(),
  /** When Keyturn last worked on the passwords: what was made then may be its own, although it does not know. */
  ownWork: ownWorkSchema.optional(),
  /** What is wrong with the token now, by the name of the finding. */
  findings: openFindingsSchema.optional(),
  healed: healedSchema.optional(),
  /** The plan by which the token was compared last. */
  comparedBy: z.int().min(0).optional(),
  /** For which deadline each warning was given: it is given once. */
  warned: z.object({
    endOfLife: instantSchema.optional(),
    overdue: instantSchema.optional(),
    ranOut: instantSchema.optional(),
    rotationWindow: instantSchema.optional(),
  }),
};

/**
 * What is wanted and known of one token: the `state` row of its record. JSON-safe and without any secret.
 * `none` is a name under which nothing was ever provisioned.
 */
export const tokenStateSchema = z.discriminatedUnion('status', [
  z.object({ ...always, status: z.literal('none') }),
  z.object({
    ...managedToken,
    status: z.literal('provisioning'),
    since: instantSchema,
    command: commandReferenceSchema,
  }),
  z.object({ ...managedToken, status: z.literal('active'), published: slotSchema }),
  z.object({ ...managedToken, status: z.literal('disabled'), since: instantSchema }),
  z.object({ ...managedToken, status: z.literal('expired'), since: instantSchema }),
  z.object({ ...managedToken, status: z.literal('deleted'), since: instantSchema }),
  z.object({
    ...managedToken,
    status: z.literal('revoked'),
    since: instantSchema,
    /** Login-server tokens that were issued before live on, at most until then. */
    exposureUntil: instantSchema,
    /** Deleted since, but no less revoked. */
    removed: z.boolean(),
  }),
]);

const alwaysSchema = z.object(always);
const managedTokenSchema = z.object(managedToken);

export type TokenState = z.output<typeof tokenStateSchema>;
export type Status = TokenState['status'];
export type StateOf<S extends Status> = Extract<TokenState, { status: S }>;
/** The state of a token that was requested at some time. */
export type ManagedState = Exclude<TokenState, { status: 'none' }>;

/** What a state of any status holds, without what belongs to its status. */
export function recordPart(state: TokenState): z.output<typeof alwaysSchema> {
  return alwaysSchema.parse(state);
}

/** What the state of any token that was requested holds, without what belongs to its status. */
export function managedPart(state: ManagedState): z.output<typeof managedTokenSchema> {
  return managedTokenSchema.parse(state);
}

/** Whether a plan is the record's present one and not settled yet. If not, its steps and its settling do nothing. */
export function isOpen(state: TokenState, plan: number): boolean {
  return state.plan === plan && state.settled < plan;
}

/** The state of a token that nobody has asked for yet. */
export function newState(identity: TokenIdentity): StateOf<'none'> {
  return {
    format: 1,
    status: 'none',
    identity,
    plan: 0,
    settled: 0,
    incarnation: 0,
    generation: 0,
    applied: {},
    failures: {},
  };
}
