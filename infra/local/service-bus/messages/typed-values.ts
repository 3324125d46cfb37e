import type { Typed } from '../amqp/rhea.ts';
import { decodeError } from '../service-bus-error.ts';

/** Key and value of an AMQP map. */
export type TypedEntry = readonly [key: Typed, value: Typed];

/** The fields of an AMQP list; none, when there is no list. */
export function typedFields(list: Typed | undefined): readonly Typed[] {
  if (!list) return [];
  if (!list.type.name.startsWith('List')) throw decodeError('A list was expected.');
  return list.value as Typed[];
}

/** Keys and values of an AMQP map; none, when there is no map. */
export function typedEntries(map: Typed | undefined): readonly TypedEntry[] {
  if (!map) return [];
  if (!map.type.name.startsWith('Map')) throw decodeError('A map was expected.');
  const flat = map.value as Typed[];
  const entries: TypedEntry[] = [];
  for (let place = 0; place + 1 < flat.length; place += 2) {
    const [key, value] = [flat[place], flat[place + 1]];
    if (key && value) entries.push([key, value]);
  }
  return entries;
}

export function isTyped(value: Typed | undefined, ...names: readonly string[]): value is Typed {
  return value !== undefined && names.includes(value.type.name);
}

export function isNull(value: Typed | undefined): boolean {
  return value === undefined || value.type.name === 'Null';
}

/** The text of a string or symbol. */
export function typedText(value: Typed | undefined): string | undefined {
  return isTyped(value, 'Str8', 'Str32', 'Sym8', 'Sym32') ? (value.value as string) : undefined;
}

/** A whole number of any AMQP integer type, unless it is larger than JavaScript counts exactly. */
export function typedNumber(value: Typed | undefined): number | undefined {
  return typeof value?.value === 'number' && Number.isSafeInteger(value.value) ? value.value : undefined;
}

/** Milliseconds since 1970 of a timestamp. */
export function typedTime(value: Typed | undefined): number | undefined {
  if (!(value?.value instanceof Date)) return undefined;
  const time = value.value.getTime();
  return Number.isNaN(time) ? undefined : time;
}
