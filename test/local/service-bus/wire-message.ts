import rhea, { type Typed } from 'rhea';

/** A value with the AMQP type that it has on the wire, whatever the width: `int`, `uint`, `long`, `symbol`, `array` … */
export interface WireValue {
  readonly type: string;
  readonly value: unknown;
}

/** An encoded message, taken apart without losing wire types. */
export interface WireMessage {
  readonly header: readonly WireValue[];
  readonly annotations: ReadonlyMap<unknown, WireValue>;
  readonly properties: readonly WireValue[];
  readonly applicationProperties: ReadonlyMap<unknown, WireValue>;
  readonly body: WireValue | undefined;
  /** The bytes of everything from the properties section on. */
  readonly bareBytes: Buffer;
}

interface Reader {
  position: number;
  read(): Typed;
  remaining(): number;
}

const { Reader } = rhea.types as unknown as { Reader: new (bytes: Buffer) => Reader };

const names: Readonly<Record<string, string>> = {
  str: 'string',
  sym: 'symbol',
  vbin: 'binary',
  true: 'boolean',
  false: 'boolean',
};

export function readWireMessage(bytes: Buffer): WireMessage {
  const reader = new Reader(bytes);
  const sections = new Map<unknown, Typed>();
  let bareStart = bytes.length;
  while (reader.remaining() > 0) {
    const start = reader.position;
    const section = reader.read();
    sections.set(section.descriptor?.value, section);
    if (section.descriptor?.value >= 0x73) bareStart = Math.min(bareStart, start);
  }
  const body = sections.get(0x77) ?? sections.get(0x75) ?? sections.get(0x76);
  return {
    header: listOf(sections.get(0x70)),
    annotations: mapOf(sections.get(0x72)),
    properties: listOf(sections.get(0x73)),
    applicationProperties: mapOf(sections.get(0x74)),
    body: body && wireValue(body),
    bareBytes: bytes.subarray(bareStart),
  };
}

/** The entries of a map, by their plain keys. */
export function entriesOf(value: WireValue | undefined): ReadonlyMap<unknown, WireValue> {
  return value?.type === 'map' ? (value.value as ReadonlyMap<unknown, WireValue>) : new Map();
}

export function itemsOf(value: WireValue | undefined): readonly WireValue[] {
  return Array.isArray(value?.value) ? (value.value as WireValue[]) : [];
}

export function wireValue(typed: Typed): WireValue {
  const type = wireType(typed);
  if (type === 'map') return { type, value: mapOf(typed) };
  if (type === 'list' || type === 'array') return { type, value: listOf(typed) };
  return { type, value: typed.value };
}

function wireType({ type: { name } }: Typed): string {
  const plain = name
    .replace(/^Small/, '')
    .replace(/\d+$/, '')
    .toLowerCase();
  return names[plain] ?? plain;
}

function listOf(typed: Typed | undefined): readonly WireValue[] {
  return ((typed?.value ?? []) as Typed[]).map(wireValue);
}

function mapOf(typed: Typed | undefined): ReadonlyMap<unknown, WireValue> {
  const flat = (typed?.value ?? []) as Typed[];
  const entries = new Map<unknown, WireValue>();
  for (let place = 0; place + 1 < flat.length; place += 2) {
    const [key, value] = [flat[place], flat[place + 1]];
    if (key && value) entries.set(key.value, wireValue(value));
  }
  return entries;
}
