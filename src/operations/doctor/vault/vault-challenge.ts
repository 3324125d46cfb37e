import { type Diagnosis, ok, red, type Subject } from '../diagnosis.ts';
import type { Look } from '../look.ts';

/** For whom a vault wants access tokens to be: `https://vault.azure.net`. Undefined: it is no vault. */
export function challengedResource({
  status,
  headers,
}: Pick<Look, 'status' | 'headers'>): string | undefined {
  const challenge = headers.get('www-authenticate') ?? '';
  const resource = /\b(?:resource|scope)="(https:\/\/[\w.:/-]{1,200})"/i.exec(challenge)?.[1];
  return status === 401 ? resource?.replace(/\/\.default$/, '').replace(/\/$/, '') : undefined;
}

/**
 * Whether tokens for that resource may be shown at that address, which is where the vault's client would send them.
 * Source: Key Vault's documentation, "Authentication, requests and responses", on verifying the challenge.
 */
export function isWithin(vaultUrl: string, resource: string): boolean {
  return new URL(vaultUrl).hostname.endsWith(`.${new URL(resource).hostname}`);
}

/** What a vault's first answer says; with the resource if it is one that may be asked on. */
export function challengeDiagnosis(
  subject: Subject,
  url: string,
  answer: Pick<Look, 'status' | 'headers'>,
  verifyChallenge: boolean,
): { readonly diagnosis: Diagnosis; readonly resource?: string } {
  const resource = challengedResource(answer);
  if (resource === undefined)
    return {
      diagnosis: red(
        subject,
        `${url} does not answer as a vault does (${answer.status})`,
        `Correct \`vaults.${subject.name}.url\` in the configuration.`,
      ),
    };
  if (verifyChallenge && !isWithin(url, resource))
    return {
      diagnosis: red(
        subject,
        `${url} wants access tokens for ${resource}, which it is not part of`,
        `Correct \`vaults.${subject.name}.url\`. Nothing but a vault that is not Azure's needs \`cloud.verifyVaultChallenge: false\`.`,
      ),
    };
  return { diagnosis: ok(subject, `can be reached at ${url}`), resource };
}
