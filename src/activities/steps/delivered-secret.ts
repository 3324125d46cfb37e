import type { Managed } from '../../lifecycle/state.ts';

/** How a password is written to the vault. */
export interface DeliveredSecret {
  readonly value: string;
  readonly contentType: string;
}

/** The plain password; or a Docker config file, as `docker login` writes it and Kubernetes pull secrets hold it. */
export function deliveredSecret(
  format: Managed['delivery']['format'],
  login: { readonly loginServer: string; readonly username: string; readonly password: string },
): DeliveredSecret {
  const { loginServer, username, password } = login;
  if (format === 'password') return { value: password, contentType: 'text/plain' };
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const value = JSON.stringify({ auths: { [loginServer]: { username, password, auth } } });
  return { value, contentType: 'application/json' };
}
