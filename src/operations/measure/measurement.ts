import type { Clock } from '../../ports/clock.ts';
import type { LoginServer } from '../../ports/login-server.ts';
import type { TokenRegistry } from '../../ports/token-registry.ts';
import type { LoginSample } from './login-samples.ts';

/** What is measured with, and on. */
export interface Bench {
  readonly registry: TokenRegistry;
  /** By their hosts; the registry's own first. */
  readonly loginServers: ReadonlyMap<string, LoginServer>;
  readonly token: string;
  readonly repository: string;
  readonly clock: Clock;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Between two tries to log in, in milliseconds. */
  readonly interval: number;
  /** For how long a change is watched, in milliseconds. */
  readonly watch: number;
  /** How long the password that is left to expire is valid, in milliseconds. */
  readonly shortValidity: number;
  /** For how long an access token is followed that goes on being let in, in milliseconds. */
  readonly patience: number;
}

/** What was measured. Times in milliseconds. */
export interface Measured {
  readonly what: 'firstPassword' | 'regenerated' | 'shortExpiry' | 'disabled' | 'accessToken';
  readonly loginServer: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** Passwords that are tried, by what they are. */
export type Tried = Partial<Record<LoginSample['password'], string>>;

/** Tries to log in at every login server, again and again, for as long as a change is watched. */
export async function sampleLogins(
  bench: Bench,
  passwords: Tried,
  since: number,
): Promise<Map<string, LoginSample[]>> {
  const samples = new Map<string, LoginSample[]>([...bench.loginServers.keys()].map((host) => [host, []]));
  const now = () => bench.clock.now().getTime();
  while (now() - since < bench.watch) {
    await Promise.all(
      [...bench.loginServers].map(async ([host, server]) => {
        for (const password of ['new', 'old'] as const) {
          const value = passwords[password];
          if (value === undefined) continue;
          const after = now() - since;
          const { verdict } = await server.tryLogin(bench.token, value);
          if (verdict !== 'unknown')
            samples.get(host)?.push({ after, password, accepted: verdict === 'accepted' });
        }
      }),
    );
    await bench.pause(bench.interval);
  }
  return samples;
}
