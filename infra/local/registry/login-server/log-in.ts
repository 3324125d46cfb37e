import type { ContainerRegistry } from '../container-registry.ts';
import { slotNames } from '../password-slot.ts';
import type { Account } from './access.ts';
import { unauthorized } from './login-server-error.ts';

/** A user name and password, as somebody gave them. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Credentials in an `Authorization: Basic …` header. */
export function basicCredentials(authorization: string | undefined): Credentials | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [username = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { username, password: rest.join(':') };
}

/**
 * The account that the credentials prove, as one node of the login server sees it now.
 * @throws LoginServerError for an unknown name, a wrong or expired password, or a disabled token.
 */
export function logIn(
  registry: ContainerRegistry,
  { username, password }: Credentials,
  node: number,
  now: Date,
): Account {
  if (isAdministrator(registry, { username, password })) return { kind: 'administrator' };
  const token = registry.tokens.get(username);
  if (!token) throw unauthorized('Application not registered with AAD.');
  const accepted = slotNames.some((name) => token.slots[name].accepts(password, node, now));
  if (!accepted || token.status === 'disabled') throw unauthorized();
  return { kind: 'token', token };
}

/** Whether these are the registry's own name and one of the admin user's passwords; always no while it is off. */
export function isAdministrator(registry: ContainerRegistry, { username, password }: Credentials): boolean {
  const { adminUser } = registry;
  return (
    adminUser !== undefined &&
    username.toLowerCase() === registry.name.toLowerCase() &&
    (password === adminUser.password || password === adminUser.password2)
  );
}
