import { brotliDecompressSync, constants, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** Bytes that were found packed in others. */
export interface Unpacked {
  readonly how: string;
  readonly bytes: Buffer;
}

const mostBytes = 64 * 1024 * 1024;
/** Streams are often cut off; what comes before the cut is unpacked. */
const lenient = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostBytes };
const lenientBrotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: mostBytes };
const lenientZstd = { finishFlush: constants.ZSTD_e_flush, maxOutputLength: mostBytes };

/** Compressed streams that begin with a mark of their own. */
const marked: readonly [how: string, mark: Buffer, unpack: (stream: Buffer) => Buffer][] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08]), (stream) => inflateRawSync(gzipData(stream), lenient)],
  ...[0x01, 0x5e, 0x9c, 0xda].map((level): (typeof marked)[number] => [
    'zlib',
    Buffer.from([0x78, level]),
    (stream) => inflateSync(stream, lenient),
  ]),
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), (stream) => zstdDecompressSync(stream, lenientZstd)],
  ['ZIP member', Buffer.from('PK\x03\x04'), (stream) => inflateRawSync(zipData(stream), lenient)],
];

/** Fewer characters of base64 than this are looked at only as they are. */
const shortestBase64 = 40;
const base64Run = /[A-Za-z0-9+/_-]{16,}(?:(?:\\r\\n|\\n|\r\n|\n)[A-Za-z0-9+/_-]+)*/g;

/** What is packed in some bytes, one level deep: compressed streams, and all that is base64. */
export function* unpack(bytes: Buffer): Generator<Unpacked> {
  for (const [how, mark, unpackStream] of marked)
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1))
      yield* attempt(how, () => unpackStream(bytes.subarray(at)));
  yield* unescaped(bytes);
  yield* streamsFromStart(bytes, '');
  yield* decodedRuns(bytes);
}

/** Bytes that were written as the characters of a JSON text hold escapes between them. */
function* unescaped(bytes: Buffer): Generator<Unpacked> {
  if (!bytes.includes('\\u')) return;
  const text = bytes
    .toString('latin1')
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_escape, hex: string | undefined, other: string) =>
      hex === undefined
        ? (whiteSpace[other] ?? other)
        : Buffer.from(String.fromCharCode(Number.parseInt(hex, 16))).toString('latin1'),
    );
  yield { how: 'JSON text', bytes: Buffer.from(text, 'latin1') };
}

const whiteSpace: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Deflate and Brotli have no mark: only where a value begins can they be told from anything else. */
function* streamsFromStart(bytes: Buffer, within: string): Generator<Unpacked> {
  yield* attempt(`${within}deflate`, () => inflateRawSync(bytes, lenient));
  yield* attempt(`${within}Brotli`, () => brotliDecompressSync(bytes, lenientBrotli));
}

/** What stands behind a member may be anything, and what it is a checksum of may be damaged: both are not looked at. */
function gzipData(member: Buffer): Buffer {
  const flags = member.readUInt8(3);
  let at = 10;
  if (flags & 4) at += 2 + member.readUInt16LE(at);
  for (const text of [8, 16]) if (flags & text) at = member.indexOf(0, at) + 1;
  return member.subarray(flags & 2 ? at + 2 : at);
}

function zipData(member: Buffer): Buffer {
  const header = 30;
  return member.subarray(header + member.readUInt16LE(26) + member.readUInt16LE(28));
}

/** What only looked like a stream unpacks to nothing. */
function* attempt(how: string, unpackAll: () => Buffer): Generator<Unpacked> {
  let unpacked: Buffer;
  try {
    unpacked = unpackAll();
  } catch {
    return;
  }
  if (unpacked.length > 0) yield { how, bytes: unpacked };
}

/**
 * All runs of base64, each once, decoded into one buffer; also those over several lines. Four times: what stands before
 * a run may look like a part of it.
 */
function* decodedRuns(bytes: Buffer): Generator<Unpacked> {
  const found = bytes.toString('latin1').match(base64Run) ?? [];
  const runs = [...new Set(found.map((run) => run.replaceAll(/\\r|\\n|[\r\n]/g, '')))].filter(
    ({ length }) => length >= shortestBase64,
  );
  if (runs.length === 0) return;
  for (const start of [0, 1, 2, 3]) {
    const decoded = runs.map((run) => Buffer.from(run.slice(start), 'base64'));
    if (start === 0) yield* streamsIn(runs, decoded);
    yield { how: 'base64', bytes: Buffer.concat(decoded.flatMap((one) => [one, separator])) };
  }
}

/** Runs that come again and again, such as an access token with every request, are tried once. */
const noStreams = new Set<string>();

function* streamsIn(runs: readonly string[], decoded: readonly Buffer[]): Generator<Unpacked> {
  for (const [index, run] of runs.entries()) {
    if (noStreams.has(run)) continue;
    const streams = [...streamsFromStart(decoded[index] ?? Buffer.alloc(0), 'base64 > ')];
    if (streams.length === 0) noStreams.add(run);
    yield* streams;
  }
}

/** So that no run reads on into the next one. */
const separator = Buffer.alloc(8);
