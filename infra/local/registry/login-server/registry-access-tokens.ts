import { randomUUID } from 'node:crypto';
import { type CryptoKey, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Access } from './access.ts';

const algorithm = 'RS256';
const issuer = 'Azure Container Registry';
const accessClaim = z.array(z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()) }));

/** What a login server's access token says. */
export interface RegistryAccess {
  /** Name of the token or admin user; empty for who did not log in. */
  readonly subject: string;
  readonly access: readonly Access[];
}

/** So many of the access tokens made last are kept, so that what runs for days does not fill the memory. */
const mostKept = 20_000;

/** Makes and reads the access tokens of login servers, with a key of its own for each start. */
export class RegistryAccessTokens {
  readonly #issued: string[] = [];
  readonly #keys: { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };

  private constructor(keys: { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey }) {
    this.#keys = keys;
  }

  static async create(): Promise<RegistryAccessTokens> {
    return new RegistryAccessTokens(await generateKeyPair(algorithm));
  }

  /** The access tokens made last, at least 20,000 of them, oldest first. */
  get issued(): readonly string[] {
    return this.#issued;
  }

  async mint(
    { subject, access }: RegistryAccess,
    { loginServer, now, minutes }: { loginServer: string; now: Date; minutes: number },
  ): Promise<string> {
    const issuedAt = Math.floor(now.getTime() / 1000);
    const token = await new SignJWT({
      version: '1.0',
      access: access.map(({ type, name, actions }) => ({ type, name, actions: [...actions] })),
      roles: [],
      grant_type: 'access_token',
    })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setJti(randomUUID())
      .setSubject(subject)
      .setNotBefore(issuedAt - 15 * 60)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + Math.round(minutes * 60))
      .setIssuer(issuer)
      .setAudience(loginServer)
      .sign(this.#keys.privateKey);
    this.#issued.push(token);
    if (this.#issued.length > mostKept * 2) this.#issued.splice(0, mostKept);
    return token;
  }

  /** What the token in an `Authorization: Bearer …` header says, if it was made for this login server and has not expired. */
  async read(
    authorization: string | undefined,
    { loginServer, now }: { loginServer: string; now: Date },
  ): Promise<RegistryAccess | undefined> {
    const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.#keys.publicKey, {
        algorithms: [algorithm],
        issuer,
        audience: loginServer,
        currentDate: now,
      });
      return { subject: payload.sub ?? '', access: accessClaim.parse(payload.access) };
    } catch {
      return undefined;
    }
  }
}
