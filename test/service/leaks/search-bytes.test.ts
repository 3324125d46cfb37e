import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newPasswordValue } from '../../../infra/local/registry/password-value.ts';
import { repetitions } from '../../counts.ts';
import { encodings } from './encodings.ts';
import { SecretSearch } from './search-bytes.ts';

const password = newPasswordValue();
const howFound = (bytes: Buffer | string, secrets = [password]) =>
  new SecretSearch(secrets).find(Buffer.from(bytes)).map(({ how }) => how);

const dockerConfig = JSON.stringify({
  auths: {
    'contoso.azurecr.io': { auth: Buffer.from(`team-web:${password}`).toString('base64') },
  },
});
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

const packings: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gzipSync,
  zlib: (bytes) => deflateSync(bytes),
  'zlib at its best': (bytes) => deflateSync(bytes, { level: 9 }),
  zstd: (bytes) => zstdCompressSync(bytes),
  base64: (bytes) => Buffer.from(base64(bytes)),
  'gzip in base64': (bytes) => Buffer.from(base64(gzipSync(bytes))),
  'deflate in base64': (bytes) => Buffer.from(`"${base64(deflateRawSync(bytes))}"`),
  'Brotli in base64': (bytes) => Buffer.from(`"${base64(brotliCompressSync(bytes))}"`),
  'base64 in gzip in base64': (bytes) => Buffer.from(base64(gzipSync(base64(bytes)))),
};

describe('a password that stands somewhere', () => {
  it.each(encodings)('as $name is found', ({ encode }) => {
    const bytes = Buffer.concat([Buffer.from('before "'), encode(password), Buffer.from('" after')]);
    expect(howFound(bytes)).not.toEqual([]);
  });

  it.each([
    ['in a docker config', dockerConfig],
    [
      'in a docker config in a Kubernetes secret',
      JSON.stringify({ '.dockerconfigjson': base64(dockerConfig) }),
    ],
    ['in a Basic header', `authorization: Basic ${base64(`team-web:${password}`)}`],
    [
      'in an error that holds the body of the answer',
      JSON.stringify(new Error(`"value":"${password}`).stack),
    ],
    ['in base64 that is broken into lines', base64(dockerConfig).replaceAll(/.{76}/g, '$&\r\n')],
    ['in such base64 in JSON', JSON.stringify(base64(base64(dockerConfig)).replaceAll(/.{64}/g, '$&\n'))],
    ['cut off after its first half', password.slice(0, 26)],
    ['without its first half', password.slice(26)],
  ])('%s is found', (_where, text) => {
    expect(howFound(text)).not.toEqual([]);
  });

  it.each(Object.entries(packings))('packed as %s in the middle of other bytes is found', (_name, pack) => {
    const packed = pack(Buffer.from(JSON.stringify({ password })));
    const found = howFound(Buffer.concat([Buffer.from('{"x":"'), packed, Buffer.from('"}')]));
    expect(found.some((how) => how.endsWith(' > raw'))).toBe(true);
  });

  it.each([
    ['deflate', deflateRawSync],
    ['Brotli', brotliCompressSync],
  ])('in a whole value packed with %s is found', (name, pack) => {
    expect(howFound(pack(Buffer.from(password)))).toContain(`${name} > raw`);
  });

  it('in a compressed stream that was cut off is found', () => {
    const packed = gzipSync(`${'x'.repeat(500)}${password}${'abcdefghijklmnop'.repeat(500)}`);
    expect(howFound(packed.subarray(0, packed.length - 20))).toEqual(['gzip > raw']);
  });

  it('is not found where only another one stands, or pieces too short to be of use', () => {
    const others = Array.from({ length: 200 }, newPasswordValue);
    expect(howFound(others.join('\n'))).toEqual([]);
    expect(howFound(`${password.slice(0, 11)} ${password.slice(30, 41)}`)).toEqual([]);
  });
});

describe('any password', () => {
  const anyPassword = fc.string({ unit: 'binary', minLength: 12, maxLength: 60 });
  const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

  it(
    'in any encoding and packing, within any bytes, is found, and it is told which',
    () => {
      fc.assert(
        fc.property(
          fc.array(anyPassword, { minLength: 1, maxLength: 3 }),
          fc.constantFrom(...encodings),
          fc.constantFrom('nothing', 'gzip', 'zlib', 'zstd'),
          anyBytes,
          anyBytes,
          (secrets, { encode }, packing, before, after) => {
            const [secret = ''] = secrets;
            const pack = packings[packing] ?? ((unpacked: Buffer) => unpacked);
            const bytes = Buffer.concat([before, pack(encode(secret)), after]);
            const found = new SecretSearch(secrets).find(bytes);
            expect(found.map((leak) => leak.secret)).toContain(secret);
          },
        ),
        { numRuns: repetitions({ quick: 500, soak: 10_000 }) },
      );
    },
    repetitions({ quick: 20_000, soak: 300_000 }),
  );
});
