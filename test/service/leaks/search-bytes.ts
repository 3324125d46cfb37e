import { encodings } from './encodings.ts';
import { unpack } from './unpack.ts';

/** A secret, or 12 of its characters in a row, that some bytes hold. */
export interface Leak {
  readonly secret: string;
  /** Such as `gzip > base64 > JSON`. */
  readonly how: string;
}

interface Needle {
  readonly secret: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

/** Characters of a secret that are as good as all of it: whatever cuts it apart leaves such a piece. */
const pieceLength = 12;
const deepest = 4;
/** Bytes of a needle by which it is looked up. */
const keyLength = 4;

/** Searches bytes for many secrets at once, in every encoding, also where they are packed. */
export class SecretSearch {
  readonly #needles = new Map<number, Needle[]>();
  /** Whether any needle begins with bytes of that hash; most places are passed by with this alone. */
  readonly #begins = new Uint8Array(1 << 20);

  constructor(secrets: Iterable<string>) {
    for (const secret of new Set(secrets)) this.#add(secret);
  }

  /** Each secret that the bytes hold, once for each way in which they hold it. */
  find(bytes: Buffer): Leak[] {
    const leaks = new Map<string, Leak>();
    this.#search(bytes, [], leaks);
    return [...leaks.values()];
  }

  #add(secret: string): void {
    for (const { name, encode } of encodings)
      for (const piece of pieces(secret)) {
        const bytes = encode(piece);
        if (bytes.length < keyLength) throw new Error('The secret is too short to be searched for.');
        const key = bytes.readUInt32LE(0);
        const known = this.#needles.get(key) ?? [];
        if (known.some((needle) => needle.secret === secret && needle.bytes.equals(bytes))) continue;
        this.#needles.set(key, [...known, { secret, encoding: name, bytes }]);
        this.#begins[hash(key)] = 1;
      }
  }

  #search(bytes: Buffer, packing: readonly string[], leaks: Map<string, Leak>): void {
    for (const { secret, encoding } of this.#hits(bytes)) {
      const leak = { secret, how: [...packing, encoding].join(' > ') };
      leaks.set(JSON.stringify(leak), leak);
    }
    if (packing.length === deepest) return;
    for (const { how, bytes: inner } of unpack(bytes)) this.#search(inner, [...packing, how], leaks);
  }

  *#hits(bytes: Buffer): Generator<Needle> {
    const last = bytes.length - keyLength;
    for (let at = 0; at <= last; at += 1) {
      const key =
        ((bytes[at] ?? 0) |
          ((bytes[at + 1] ?? 0) << 8) |
          ((bytes[at + 2] ?? 0) << 16) |
          ((bytes[at + 3] ?? 0) << 24)) >>>
        0;
      if (this.#begins[hash(key)] === 0) continue;
      for (const needle of this.#needles.get(key) ?? [])
        if (bytes.subarray(at, at + needle.bytes.length).equals(needle.bytes)) yield needle;
    }
  }
}

/** Pieces of a secret, end to end; the last one ends where the secret ends. */
function pieces(secret: string): string[] {
  const characters = [...secret];
  const starts = [...Array(Math.ceil(characters.length / pieceLength)).keys()].map((n) => n * pieceLength);
  return starts.map((start) => {
    const from = Math.max(0, Math.min(start, characters.length - pieceLength));
    return characters.slice(from, from + pieceLength).join('');
  });
}

function hash(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 12;
}
