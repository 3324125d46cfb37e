import { z } from 'zod';
import { crontabSchema } from '../calendar/crontab.ts';
import { timeZoneSchema } from '../calendar/time-zone.ts';
import { textSchema } from '../contracts/commands.ts';
import { entranceNameSchema, registryNameSchema } from '../contracts/names.ts';
import { violation } from '../contracts/violations.ts';
import { textPatternSchema } from '../policy/text-pattern.ts';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/, violation('invalidFormat'));
const patterns = z.array(textPatternSchema).min(1);

const rotationSchedule = z.strictObject({
  /** NCRONTAB, by the clocks of the time zone. */
  schedule: crontabSchema,
  timeZone: timeZoneSchema.default('UTC'),
  /** The active tokens that fit all that is said here; what is left out, any fits. */
  select: z.strictObject({
    /** By their names in the configuration. */
    registries: z.array(registryNameSchema).min(1).optional(),
    /** Patterns of token names. */
    tokens: patterns.optional(),
    owners: patterns.optional(),
    entrances: z.array(entranceNameSchema).min(1).optional(),
  }),
  /** Told with the rotations. */
  reason: textSchema.optional(),
});

/** When which tokens rotate beside their own schedules: each occurrence asks for a rotation of each of them. */
export const rotationSchedulesSchema = z.record(name, rotationSchedule).default({});

export type RotationSchedule = z.output<typeof rotationSchedule> & { readonly name: string };
