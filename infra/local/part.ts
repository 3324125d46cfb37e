import type { Clock } from './clock.ts';
import type { Faults } from './control/faults.ts';
import type { RequestHistory } from './control/request-history.ts';

/** What every part of the local cloud is given. */
export interface PartContext {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly history: RequestHistory;
}

/** A part of the local cloud that listens. */
export interface RunningPart {
  /** Where it listens, by name; the name is what the table of endpoints shows. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** What the environment of its clients must hold. */
  readonly environment: Readonly<Record<string, string>>;
  /** Forgets what its users did, as if it had just started. */
  reset(): void | Promise<void>;
  /** Stops listening, cuts open connections and resolves when nothing is left. */
  close(): Promise<void>;
}

/** Where a part listens. Port 0 takes any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A mistake of the person at the keyboard, told in one line, ends the command with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
