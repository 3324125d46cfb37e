import type { RequestRecord } from '../../../infra/local/control/request-history.ts';
import type { RunningService } from '../running-service.ts';

/** The number of the last request that a part of the cloud has answered. */
export function lastRequest({ cloud }: RunningService): number {
  return cloud.history.list().at(-1)?.sequence ?? 0;
}

/** What Keyturn changed in the registry and the vault since a request, and its logins. */
export function workSince(sequence: number, { cloud }: RunningService): RequestRecord[] {
  return cloud.history.list({ after: sequence }).filter((record) => isChange(record) || isLogin(record));
}

/** A change of the registry or the vault. */
export function isChange({ part, request }: RequestRecord): boolean {
  return (part === 'resource-manager' || part === 'key-vault') && !request.startsWith('GET ');
}

/** The making of a password that succeeded. */
export function isGeneration({ request, outcome }: RequestRecord): boolean {
  return /generateCredentials/i.test(request) && outcome === 200;
}

/** Logins of Keyturn: the prober names its account. */
export const keyturnsLogin = /oauth2\/token\?service=[^&]*$/;

export function isLogin({ request }: RequestRecord): boolean {
  return keyturnsLogin.test(request);
}
