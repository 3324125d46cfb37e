import { z } from 'zod';
import { instantSchema } from '../contracts/instants.ts';
import type { RegistryFacts } from '../ports/token-registry.ts';
import type { WatchPorts } from './watch-ports.ts';

/** What a registry said of itself when it was seen first. */
const rememberedFactsSchema = z.object({
  createdAt: instantSchema,
  publicNetworkAccess: z.boolean(),
  allowedByDefault: z.boolean(),
});

export type RememberedFacts = z.output<typeof rememberedFactsSchema>;

/** What is remembered of a registry; nothing if it was never seen. @throws ServiceFailure */
export async function rememberedFacts(
  registry: string,
  { notes }: Pick<WatchPorts, 'notes'>,
): Promise<RememberedFacts | undefined> {
  const note = await notes.readNote(registry, 'facts');
  return rememberedFactsSchema.safeParse(note?.value).data;
}

/** Remembers a registry as it is now; of two who do so at once the first wins. @throws ServiceFailure */
export async function rememberFacts(
  registry: string,
  { createdAt, publicNetworkAccess, allowedByDefault }: RegistryFacts | RememberedFacts,
  { notes }: Pick<WatchPorts, 'notes'>,
): Promise<void> {
  const facts: RememberedFacts = { createdAt, publicNetworkAccess, allowedByDefault };
  await notes.writeNote(registry, 'facts', facts, await notes.readNote(registry, 'facts'));
}
