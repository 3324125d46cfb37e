import { z } from 'zod';
import { profileNameSchema } from '../contracts/commands.ts';
import { durationOrZeroSchema, durationSchema, milliseconds } from '../contracts/durations.ts';
import { entranceNameSchema, registryKeySchema } from '../contracts/names.ts';
import { violation } from '../contracts/violations.ts';
import { policySchema } from '../policy/policy-document.ts';
import { profileSchema } from '../policy/profile.ts';
import { textPatternSchema } from '../policy/text-pattern.ts';
import { alertingSchema } from './alerting-document.ts';
import { httpSchema } from './http-document.ts';
import { retentionSchema } from './retention-document.ts';
import { rotationSchedulesSchema } from './rotation-schedules-document.ts';
import { host, schedule } from './value-schemas.ts';

const registryId =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]{1,90}\/providers\/Microsoft\.ContainerRegistry\/registries\/[a-z0-9]{5,50}$/i;

const httpsUrl = z.url({ protocol: /^https$/, ...violation('invalidUrl') });
/** Service Bus compares names case-insensitively; lower case keeps them comparable here. */
const busName = z.string().regex(/^[a-z0-9]([a-z0-9._-]{0,258}[a-z0-9])?$/, violation('invalidBusName'));
const vaultName = z.string().regex(/^(?=.{3,24}$)[a-z](-?[a-z0-9])+$/, violation('invalidVaultName'));

const registry = z.strictObject({
  resourceId: z.string().regex(registryId, violation('invalidRegistryId')),
  /** The registry's name under the cloud's suffix, unless it has another one. */
  loginServer: host.optional(),
  /** Whether it is replicated to other regions, so that passwords take longer to arrive everywhere. */
  replicas: z.boolean().default(false),
  /** At least so long after a password was regenerated it is not yet trusted to work everywhere. */
  settleAfter: durationOrZeroSchema.optional(),
  /** `wait` for registries whose login server the app cannot reach. */
  verification: z.enum(['login', 'wait']).default('login'),
  /** What is no finding there, since it is meant to be so. */
  accepted: z.array(z.enum(['adminUser', 'anonymousPull', 'publicNetwork'])).default([]),
  /** Patterns of the names of tokens that others manage, and that are no finding. */
  ignoredTokens: z.array(textPatternSchema).default([]),
});

const vault = z.strictObject({
  /** The vault's name under the cloud's suffix, unless it has another address. */
  url: httpsUrl.optional(),
  /** The longest that a policy in Azure lets a secret of this vault be valid. */
  longestValidity: durationSchema.optional(),
});

const entrance = z.strictObject({
  /** Named as the entrance, unless it is said here. */
  queue: busName.optional(),
  /** Takes revocations and disabling only, so that they do not stand behind other commands. */
  urgentQueue: busName.optional(),
  policy: policySchema,
});

const longestLease = 'PT15M';

/** For how long a step has its token for itself. */
const lease = z.strictObject({
  /** Work that takes longer renews it; after a crash the next attempt waits for its end. */
  length: durationSchema
    .refine((text) => milliseconds(text) <= milliseconds(longestLease), violation('tooLong'))
    .default('PT3M'),
  /** In this last part of it nothing is begun, so that clocks may differ and calls may take their time. */
  margin: durationSchema.default('PT1M'),
});

/** Where Azure is: the public cloud, unless it is said here. */
const cloud = z.strictObject({
  armEndpoint: httpsUrl.default('https://management.azure.com'),
  armScope: httpsUrl.default('https://management.azure.com/.default'),
  registrySuffix: host.default('azurecr.io'),
  vaultSuffix: host.default('vault.azure.net'),
  storageSuffix: host.default('core.windows.net'),
  /** Whether a vault must lie under the domain of the token that it asks for. */
  verifyVaultChallenge: z.boolean().default(true),
});

/** The configuration as it is written. Every key is explained in `docs/configuration.md`. */
export const configurationSchema = z.strictObject({
  registries: z.record(registryKeySchema, registry),
  vaults: z.record(vaultName, vault),
  entrances: z.record(entranceNameSchema, entrance),
  /** Beside the standard ones, or in the place of one with that name. */
  profiles: z.record(profileNameSchema, profileSchema).default({}),
  messaging: z
    .strictObject({
      eventsTopic: busName.default('token-events'),
      rejectedQueue: busName.default('token-requests-rejected'),
      registryActivityQueue: busName.default('registry-activity'),
      alertDeliveriesQueue: busName.default('alert-deliveries'),
    })
    .prefault({}),
  reconcile: z
    .strictObject({
      schedule: schedule.default('0 */5 * * * *'),
      /** When whole registries are compared with what is believed of them. */
      registriesSchedule: schedule.default('0 7 * * * *'),
    })
    .prefault({}),
  /** How often it is looked whether a rotation schedule has come up. */
  rotation: z.strictObject({ schedule: schedule.default('0 * * * * *') }).prefault({}),
  rotationSchedules: rotationSchedulesSchema,
  /** When the fleet is counted for the log. */
  metrics: z.strictObject({ schedule: schedule.default('0 */15 * * * *') }).prefault({}),
  alerting: alertingSchema.prefault({}),
  lease: lease.prefault({}),
  retention: retentionSchema.extend({ schedule: schedule.default('0 20 2 * * *') }).prefault({}),
  /** The read-only HTTP interface. */
  http: httpSchema.prefault({ authentication: 'off' }),
  /** Whose writes in Azure are Keyturn's own. */
  identity: z.strictObject({ clientId: z.guid().optional(), objectId: z.guid().optional() }).prefault({}),
  cloud: cloud.prefault({}),
});

export type ConfigurationDocument = z.output<typeof configurationSchema>;
