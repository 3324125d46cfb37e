import { z } from 'zod';
import { driftSchema } from '../../contracts/event-data.ts';
import { type TokenFinding, tokenFindings } from '../../contracts/findings.ts';
import { instantSchema } from '../../contracts/instants.ts';

/** A finding as the record keeps it, until it is gone. */
export const openFindingSchema = z.object({
  severity: z.enum(['warning', 'critical']),
  /** As it was told last. */
  drift: driftSchema,
});

export type OpenTokenFinding = z.output<typeof openFindingSchema>;

const names = Object.keys(tokenFindings) as [TokenFinding, ...TokenFinding[]];

/** Everything that is wrong with a token, by the name of the finding. */
export const openFindingsSchema = z.partialRecord(z.enum(names), openFindingSchema);

export type OpenFindings = z.output<typeof openFindingsSchema>;

/** When Keyturn acted on findings, within about a day; also of those that are gone since. */
export const healedSchema = z.partialRecord(z.enum(names), z.array(instantSchema));

/** The findings that are open, with their names, in a stable order. */
export function openFindings(findings: OpenFindings = {}): [TokenFinding, OpenTokenFinding][] {
  return names.flatMap((name): [TokenFinding, OpenTokenFinding][] => {
    const open = findings[name];
    return open ? [[name, open]] : [];
  });
}

/** When Keyturn itself may have made passwords; without an end, it may do so still. */
export const ownWorkSchema = z.object({ from: instantSchema, to: instantSchema.optional() });
