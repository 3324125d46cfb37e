import type { Typed } from '../amqp/rhea.ts';
import { uuidText } from '../messages/lock-token.ts';
import {
  isNull,
  isTyped,
  type TypedEntry,
  typedEntries,
  typedNumber,
  typedText,
} from '../messages/typed-values.ts';
import { argumentError } from '../service-bus-error.ts';

/** The fields of a management request. Readers throw com.microsoft:argument-error when a field is not of its type. */
export class RequestFields {
  readonly #fields: ReadonlyMap<unknown, Typed>;

  constructor(body: Typed | undefined) {
    if (!body?.type.name.startsWith('Map')) throw argumentError('The body of a request must be a map.');
    this.#fields = new Map(typedEntries(body).map(([key, value]) => [key.value, value]));
  }

  /** Lower-case UUIDs. */
  uuids(name: string): string[] {
    const items = this.#items(name);
    if (!items.every((item) => isTyped(item, 'Uuid'))) throw wrongType(name, 'an array of uuid');
    return items.map((item) => uuidText(item.value as Buffer));
  }

  longs(name: string): number[] {
    return this.#items(name).map((item) => wholeNumber(name, item));
  }

  long(name: string): number {
    return wholeNumber(name, this.#fields.get(name));
  }

  text(name: string): string | undefined {
    const field = this.#fields.get(name);
    if (isNull(field)) return undefined;
    const text = typedText(field);
    if (text === undefined) throw wrongType(name, 'a string');
    return text;
  }

  entries(name: string): readonly TypedEntry[] {
    const field = this.#fields.get(name);
    if (isNull(field)) return [];
    if (!field?.type.name.startsWith('Map')) throw wrongType(name, 'a map');
    return typedEntries(field);
  }

  /** The encoded messages in a list of maps with a field `message`. */
  messages(name: string): Buffer[] {
    return this.#items(name).map((item) => {
      const entries = item.type.name.startsWith('Map') ? typedEntries(item) : [];
      const message = entries.find(([key]) => key.value === 'message')?.[1];
      if (!isTyped(message, 'Vbin8', 'Vbin32')) throw wrongType(name, 'a list of maps with a binary message');
      return message.value as Buffer;
    });
  }

  #items(name: string): readonly Typed[] {
    const field = this.#fields.get(name);
    if (!field || !/^(List|Array)/.test(field.type.name)) throw wrongType(name, 'an array');
    return field.value as Typed[];
  }
}

function wholeNumber(name: string, value: Typed | undefined): number {
  const number = typedNumber(value);
  if (number === undefined) throw wrongType(name, 'a whole number');
  return number;
}

function wrongType(name: string, expected: string): Error {
  return argumentError(`The field '${name}' must be ${expected}.`);
}
