import type { Instant } from '../contracts/instants.ts';
import type { CallLimits } from './call-limits.ts';
import type { ServiceFailureCode } from './service-failure.ts';

/** What one try to log in says of a password. Only `refused` says that it does not work (yet). */
export type LoginVerdict =
  | { readonly verdict: 'accepted' | 'refused' }
  | {
      readonly verdict: 'unknown';
      readonly why: ServiceFailureCode;
      readonly status?: number;
      readonly retryAt?: Instant;
    };

/** The login server of one registry. */
export interface LoginServer {
  /**
   * Tries a user name and password once, on a new connection, so that each try may meet another node. Asks for no
   * scope: authentication only. What it is given in return is thrown away. Never throws, but for `signal`.
   */
  tryLogin(username: string, password: string, limits?: CallLimits): Promise<LoginVerdict>;
}
