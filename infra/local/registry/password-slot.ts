import { seededFraction } from './seeded-fraction.ts';

export const slotNames = ['password1', 'password2'] as const;

/** One of the two passwords that a token can have. */
export type SlotName = (typeof slotNames)[number];

/** What was generated into a slot. */
export interface Password {
  readonly value: string;
  /** As Azure writes it. */
  readonly creationTime: string;
  readonly expiresAt: Date | undefined;
}

/** How a regenerated password spreads over the nodes of the login server. */
export interface Replication {
  readonly seed: string;
  readonly nodes: number;
  readonly longestMilliseconds: number;
}

interface PasswordOnNodes {
  readonly password: Password;
  /** When each node starts and stops to accept it, in epoch milliseconds. */
  readonly from: readonly number[];
  readonly until: number[];
}

/**
 * A slot of a token as the nodes of the login server know it. The first password of an empty slot works at once; when a slot is
 * regenerated, each node starts to accept the new password and stops to accept the old one each in its own time, so that both,
 * either or neither may work on a node meanwhile (Azure documents 60 seconds).
 */
export class PasswordSlot {
  #generation = 0;
  #known: PasswordOnNodes[] = [];
  readonly #id: string;

  /** @param id Tells this slot from others, for the spread of the delays. */
  constructor(id: string) {
    this.#id = id;
  }

  get password(): Password | undefined {
    return this.#known.at(-1)?.password;
  }

  generate(password: Password, now: Date, replication: Replication): void {
    this.#generation += 1;
    const previous = this.#known.at(-1);
    if (previous) previous.until.splice(0, Infinity, ...this.#delays('old', now, replication));
    this.#known = this.#known.filter(({ until }) => until.some((instant) => instant > now.getTime()));
    this.#known.push({
      password,
      from: previous ? this.#delays('new', now, replication) : [],
      until: Array.from({ length: replication.nodes }, () => Infinity),
    });
  }

  /** Empties the slot, on all nodes at once. */
  clear(): void {
    this.#known = [];
  }

  /** Whether a node accepts a password at an instant. */
  accepts(value: string, node: number, now: Date): boolean {
    const instant = now.getTime();
    return this.#known.some(
      ({ password, from, until }) =>
        password.value === value &&
        (from[node] ?? 0) <= instant &&
        instant < (until[node] ?? Infinity) &&
        (!password.expiresAt || instant < password.expiresAt.getTime()),
    );
  }

  #delays(which: 'old' | 'new', now: Date, { seed, nodes, longestMilliseconds }: Replication): number[] {
    return Array.from({ length: nodes }, (_, node) => {
      const fraction = seededFraction(seed, this.#id, this.#generation, which, node);
      return now.getTime() + Math.round(fraction * longestMilliseconds);
    });
  }
}
