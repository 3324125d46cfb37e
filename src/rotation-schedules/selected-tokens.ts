import type { RotationSchedule } from '../configuration/rotation-schedules-document.ts';
import { fitsAny, nameFitsAny } from '../policy/text-pattern.ts';
import type { InventoryRow } from '../ports/inventory.ts';

type Selection = RotationSchedule['select'];

/** The registries that a schedule is for, in the order of their names. */
export function selectedRegistries<Registry extends { readonly name: string }>(
  { registries }: Selection,
  configured: ReadonlyMap<string, Registry>,
): Registry[] {
  return [...configured.values()]
    .filter(({ name }) => registries === undefined || registries.includes(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Whether a schedule is for a token. */
export function isSelected(
  { tokens, owners, entrances }: Selection,
  { status, token, owner, entrance }: InventoryRow,
): boolean {
  return (
    status === 'active' &&
    (tokens === undefined || nameFitsAny(token, tokens)) &&
    (owners === undefined || (owner !== undefined && fitsAny(owner, owners))) &&
    (entrances === undefined || (entrance !== undefined && entrances.includes(entrance)))
  );
}
