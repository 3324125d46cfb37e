import { z } from 'zod';
import { violation } from '../contracts/violations.ts';

/** A host name, with its port if it is not the usual one. */
export const host = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/, violation('invalidHost'));

/** NCRONTAB as timer triggers have it: six fields, from seconds to days of the week, in UTC. */
export const schedule = z.string().regex(/^\S+( \S+){5}$/, violation('invalidSchedule'));
