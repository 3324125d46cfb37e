import { z } from 'zod';
import { textSchema } from './commands.ts';
import { findingNames, likelyCauses } from './findings.ts';
import { dateSchema, instantSchema } from './instants.ts';
import { slotSchema } from './names.ts';
import { violation } from './violations.ts';

const code = z.string().regex(/^[a-z][a-zA-Z0-9]{0,63}$/, violation('invalidFormat'));

/** Who did something in Azure, as far as Azure's activity log says. */
export const actorSchema = z.strictObject({
  kind: z.enum(['user', 'application', 'unknown']),
  name: textSchema.optional(),
  objectId: z.guid().optional(),
  applicationId: z.guid().optional(),
  address: textSchema.optional(),
  correlationId: textSchema.optional(),
});

export type Actor = z.output<typeof actorSchema>;

/** What every event says: which token, whose it is, and which command led to it (none: a schedule or a finding). */
const aboutToken = {
  registry: z.string(),
  loginServer: z.string(),
  token: z.string(),
  /** Missing for a token that nobody manages. */
  entrance: z.string().optional(),
  owner: z.string().optional(),
  command: z
    .strictObject({ entrance: z.string(), source: z.string(), id: z.string(), key: z.string() })
    .optional(),
};

/** The credential that is published after the event. */
const credential = {
  slot: slotSchema,
  generation: z.int().min(1),
  /** Without version: a reference with a version never refreshes. */
  secretUri: z.url(),
  secretVersion: z.string(),
  expiresAt: dateSchema,
  nextRotation: dateSchema.optional(),
  /** The password that was replaced works until then. */
  previousValidUntil: instantSchema.optional(),
  /** False if Keyturn cannot reach the login server and waited instead of logging in. */
  verified: z.boolean(),
};

export const published = z.strictObject({ ...aboutToken, ...credential });

/** A token that others made, with the scope map that it was found with. */
export const adopted = z.strictObject({ ...aboutToken, ...credential, scopeMap: z.string() });

export const rotated = z.strictObject({
  ...aboutToken,
  ...credential,
  cause: z.enum(['schedule', 'request', 'compromised', 'scopeMapChanged', 'drift']),
  /** The password that stopped working before its overlap was over. */
  cutShort: z
    .strictObject({ slot: slotSchema, generation: z.int().min(1), promisedUntil: instantSchema })
    .optional(),
});

export const accessUpdated = z.strictObject({
  ...aboutToken,
  ...credential,
  changed: z.array(z.enum(['access', 'schedule', 'endOfLife', 'purpose'])).min(1),
  scopeMap: z.string(),
});

export const requestDenied = z.strictObject({
  ...aboutToken,
  /** The rule that said no. */
  rule: code,
  /** What it said no to, such as `team/web content/write`. */
  detail: z.string().optional(),
});

/** Work that cannot be done now: retried at `nextTry`, or parked until a person has done `toDo`. */
const failure = {
  code,
  since: instantSchema,
  attempts: z.int().min(1),
  nextTry: instantSchema.optional(),
  toDo: z.string().optional(),
};

export const rotationDeferred = z.strictObject({ ...aboutToken, until: instantSchema, cause: code });
/** The windows of the policy open too late: the rotation goes ahead without them. */
export const rotationWindowIgnored = z.strictObject({
  ...aboutToken,
  /** When the rotation was due, and when the next window would open. */
  due: instantSchema,
  opensAt: instantSchema.optional(),
  /** When the published password stops working. */
  deadline: instantSchema,
});
export const rotationFailed = z.strictObject({ ...aboutToken, ...failure, deadline: instantSchema });
export const requestFailed = z.strictObject({ ...aboutToken, ...failure, commandType: z.string() });

/** What Keyturn does about a finding by itself; which of these is up to the policy. */
export const healings = ['restore', 'rotate'] as const;

/** A difference between what Keyturn left and what is there. */
const difference = z.strictObject({
  what: code,
  believed: z.string().optional(),
  found: z.string().optional(),
});

/** A finding with everything that is known of it. */
const drift = {
  finding: z.enum(findingNames),
  /** Since when Keyturn knows of it; and when it happened, as far as Azure tells. */
  since: instantSchema,
  happenedAt: instantSchema.optional(),
  /** When the published password stops working; in the past, if it does not work now. Missing: it is not at risk. */
  deadline: instantSchema.optional(),
  differences: z.array(difference),
  /** Who did it, as far as Azure told. */
  actor: actorSchema.optional(),
  cause: z.enum(likelyCauses),
  /** Why that is the likely cause: sentences. */
  evidence: z.array(z.string()),
  noticedBy: z.enum(['report', 'reconcile']),
  /** What Keyturn has done about it so far. */
  done: z.enum(['nothing', 'restored', 'rotated', 'disabled', 'failed', 'parked']),
  /** Why that did not help. */
  code: code.optional(),
  /** What it will do next, and when; missing: nothing before a person has acted. */
  next: z.strictObject({ action: z.enum([...healings, 'disable']), at: instantSchema }).optional(),
};

export const driftSchema = z.strictObject(drift);

export type Drift = z.output<typeof driftSchema>;

/** Done on request, with the sender's reason; or found to have happened, with all that is known of it. */
const withCause = {
  ...aboutToken,
  cause: z.enum(['request', 'outOfBand']),
  reason: textSchema.optional(),
  at: instantSchema,
  /** What was found; missing if it was done on request. */
  drift: driftSchema.optional(),
};

export const stopped = z.strictObject(withCause);

export const revoked = z.strictObject({
  ...withCause,
  cutOff: z.array(z.strictObject({ slot: slotSchema, at: instantSchema })),
  /** Login-server tokens that were issued before live on, at most until then. */
  exposureUntil: instantSchema,
});

export const revocationIncomplete = z.strictObject({
  ...aboutToken,
  missing: z.array(z.enum(['disabled', 'secretVersionOff', 'passwordsRegenerated'])).min(1),
  since: instantSchema,
  attempts: z.int().min(1),
});

export const ending = z.strictObject({
  ...aboutToken,
  cause: z.enum(['endOfLife', 'rotationOverdue']),
  /** When the published password stops working. */
  deadline: instantSchema,
});

export const driftDetected = z.strictObject({ ...aboutToken, drift: driftSchema });

/** A finding is gone: mended by Keyturn or by others, or no longer of interest. */
const driftGone = { finding: z.enum(findingNames), since: instantSchema, at: instantSchema };

export const driftResolved = z.strictObject({ ...aboutToken, ...driftGone });

/** Of a registry; with `token` if it is about one that Keyturn does not manage. */
const aboutRegistry = { registry: z.string(), loginServer: z.string(), token: z.string().optional() };

export const registryDriftDetected = z.strictObject({ ...aboutRegistry, drift: driftSchema });
export const registryDriftResolved = z.strictObject({ ...aboutRegistry, ...driftGone });
