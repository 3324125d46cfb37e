import { z } from 'zod';
import { violation } from '../contracts/violations.ts';
import { host, schedule } from './value-schemas.ts';

/** What webhooks are sent: signed JSON of our own, or what Teams and Slack show as a message. */
export const sinkFormats = ['generic', 'teams', 'slack'] as const;

const addresses = z.union([z.cidrv4(), z.cidrv6()], violation('invalidFormat'));

/** A webhook. Its address and signing key are secrets, so they are settings of their own: see `alertSinks`. */
const sink = z.strictObject({
  /** Part of the names of settings. */
  name: z.string().regex(/^[a-zA-Z0-9]{1,30}$/, violation('invalidFormat')),
  format: z.enum(sinkFormats).default('generic'),
  /** Hosts that the address may name, with a port if it is not 443. */
  allowedHosts: z.array(host).min(1),
  /** Ranges in which the host may lie although they are private; all other private ones are refused. */
  privateAddresses: z.array(addresses).default([]),
  /** Of which severities it gets alerts. */
  severities: z
    .array(z.enum(['warning', 'critical']))
    .min(1)
    .default(['warning', 'critical']),
});

/** How alerts are grouped and where they go. They are in the log in any case. */
export const alertingSchema = z.strictObject({
  /** When open alerts are looked after: what is due to be said of them. */
  schedule: schedule.default('0 * * * * *'),
  /** When the log says that Keyturn is alive. */
  heartbeat: schedule.default('0 */10 * * * *'),
  sinks: z.array(sink).default([]),
  /** Where the runbooks are that alerts point to. */
  runbooks: z
    .string()
    .max(300)
    .regex(/^[^\s#<>|"]+$/, violation('invalidFormat'))
    .default('docs/runbooks.md'),
});

export type AlertingConfiguration = z.output<typeof alertingSchema>;
export type SinkFormat = (typeof sinkFormats)[number];
export type AlertSeverity = 'warning' | 'critical';
