import type { Registry } from '../configuration/configuration.ts';
import type { NotedCapacity } from '../ports/registry-notes.ts';
import type { RegistryFacts } from '../ports/token-registry.ts';
import { tokenLimit } from './check-capacity.ts';
import type { Look } from './check-registry.ts';
import type { WatchPorts } from './watch-ports.ts';

/** Writes down how full a registry is, for whoever asks. Of two who do so at once the first wins. @throws ServiceFailure */
export async function noteCapacity(
  { name }: Pick<Registry, 'name'>,
  tokens: number,
  { sku }: Pick<RegistryFacts, 'sku'>,
  { now }: Pick<Look, 'now'>,
  { notes }: Pick<WatchPorts, 'notes'>,
): Promise<void> {
  const noted: NotedCapacity = { tokens, limit: tokenLimit(sku), tier: sku, at: now };
  await notes.writeNote(name, 'capacity', noted, await notes.readNote(name, 'capacity'));
}
