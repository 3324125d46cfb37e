import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import type { Identity } from './identities.ts';

/** Tenant of the local cloud. */
export const tenantId = '72f988bf-0000-4000-8000-00000000c10d';

const algorithm = 'RS256';
const lifetimeInSeconds = 24 * 60 * 60;

/** Mints the access tokens of the local cloud's identities, and tells whose a token is. */
export class AccessTokens {
  readonly #privateKey: CryptoKey | Uint8Array;
  readonly #publicKey: CryptoKey | Uint8Array;
  readonly #identities: readonly Identity[];

  private constructor(
    privateKey: CryptoKey | Uint8Array,
    publicKey: CryptoKey | Uint8Array,
    identities: readonly Identity[],
  ) {
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
    this.#identities = identities;
  }

  /** Opens the signing key in a file, or makes one there, so that parts started alone know each other's tokens. */
  static async open(keyFile: string, identities: readonly Identity[]): Promise<AccessTokens> {
    const jwk = (await readKey(keyFile)) ?? (await createKey(keyFile));
    const { d, p, q, dp, dq, qi, ...publicJwk } = jwk;
    return new AccessTokens(
      await importJWK(jwk, algorithm),
      await importJWK(publicJwk, algorithm),
      identities,
    );
  }

  get identities(): readonly Identity[] {
    return this.#identities;
  }

  /**
   * An access token for a resource such as `https://vault.azure.net`, in the form that Azurite's OAuth check accepts
   * (issuer `https://sts.windows.net/…/`). It is dated by the machine's clock, as its readers outside the local cloud are.
   */
  async mint(identity: Identity, resource: string): Promise<{ accessToken: string; expiresOn: number }> {
    const issuedAt = Math.floor(Date.now() / 1000);
    const expiresOn = issuedAt + lifetimeInSeconds;
    const accessToken = await new SignJWT({
      appid: identity.clientId,
      oid: identity.objectId,
      tid: tenantId,
      ver: '1.0',
    })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(`https://sts.windows.net/${tenantId}/`)
      .setSubject(identity.objectId)
      .setAudience(resource)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt - 300)
      .setExpirationTime(expiresOn)
      .sign(this.#privateKey);
    return { accessToken, expiresOn };
  }

  /** The identity behind an `Authorization: Bearer …` header, if it holds a token minted here for one of these audiences. */
  async verify(
    authorization: string | undefined,
    audiences: readonly string[],
  ): Promise<Identity | undefined> {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) return undefined;
    try {
      const accepted = audiences.flatMap((audience) => [audience, `${audience}/`]);
      const { payload } = await jwtVerify(token, this.#publicKey, {
        audience: accepted,
        algorithms: [algorithm],
      });
      return this.#identities.find((identity) => identity.objectId === payload.sub);
    } catch {
      return undefined;
    }
  }
}

async function readKey(file: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JWK;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function createKey(file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(jwk), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return jwk;
}
