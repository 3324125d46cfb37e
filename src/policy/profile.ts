import { z } from 'zod';
import { durationSchema, milliseconds } from '../contracts/durations.ts';
import { violation } from '../contracts/violations.ts';

/** How often a kind of consumer needs a new password, and how long it needs the old one beside it. */
export const profileSchema = z
  .strictObject({
    /** From one issue to the next, unless the request says otherwise. */
    rotateEvery: durationSchema,
    /** How long the previous password outlives a rotation, unless the request says otherwise. */
    overlap: durationSchema,
    /** The least that a request may ask for as overlap. */
    minimumOverlap: durationSchema,
    /** Whether a rotation may be asked for before it is due, or only when the password is compromised. */
    earlyRotation: z.enum(['allowed', 'onlyCompromised']).default('allowed'),
  })
  .refine(({ rotateEvery, overlap }) => milliseconds(overlap) < milliseconds(rotateEvery), {
    ...violation('overlapNotBelowRotateEvery'),
    path: ['overlap'],
  })
  .refine(({ overlap, minimumOverlap }) => milliseconds(overlap) >= milliseconds(minimumOverlap), {
    ...violation('overlapBelowMinimum'),
    path: ['overlap'],
  });

export type Profile = Readonly<z.output<typeof profileSchema>>;

/** The profiles that are there without being configured. */
export const standardProfiles = {
  /** Consumers that cache for a day, such as Key Vault references. */
  standard: { rotateEvery: 'P60D', overlap: 'P14D', minimumOverlap: 'PT72H', earlyRotation: 'allowed' },
  /** Consumers that read the vault at each use. */
  live: { rotateEvery: 'P30D', overlap: 'P3D', minimumOverlap: 'PT24H', earlyRotation: 'allowed' },
  /** Devices that are away for weeks. */
  device: { rotateEvery: 'P180D', overlap: 'P60D', minimumOverlap: 'P30D', earlyRotation: 'onlyCompromised' },
} as const satisfies Readonly<Record<string, Profile>>;
