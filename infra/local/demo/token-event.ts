import { z } from 'zod';

const slot = z.enum(['password1', 'password2']);

/** As much of Keyturn's events as the demo looks at: what any subscriber of the topic gets. */
export const tokenEventSchema = z.looseObject({
  id: z.string(),
  type: z.string().startsWith('keyturn.token.'),
  severity: z.enum(['info', 'warning', 'critical']),
  time: z.iso.datetime(),
  data: z.looseObject({
    token: z.string(),
    slot: slot.optional(),
    secretUri: z.url().optional(),
    secretVersion: z.string().optional(),
    expiresAt: z.iso.datetime().optional(),
    nextRotation: z.iso.datetime().optional(),
    previousValidUntil: z.iso.datetime().optional(),
    rule: z.string().optional(),
    detail: z.string().optional(),
    code: z.string().optional(),
    toDo: z.string().optional(),
    until: z.iso.datetime().optional(),
    reason: z.string().optional(),
    exposureUntil: z.iso.datetime().optional(),
  }),
});

export type TokenEvent = z.output<typeof tokenEventSchema>;

/** The last word of the type: `rotated` of `keyturn.token.rotated`. */
export function kindOf({ type }: Pick<TokenEvent, 'type'>): string {
  return type.slice('keyturn.token.'.length);
}
