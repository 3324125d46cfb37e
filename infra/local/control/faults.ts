import { z } from 'zod';
import { type PartName, partNames } from './parts.ts';

const effect = z.discriminatedUnion('kind', [
  /** Answers an error of the part's own shape instead of doing anything; with `when: 'after'`, instead of the true answer. */
  z.strictObject({
    kind: z.literal('fail'),
    when: z.enum(['before', 'after']).optional(),
    status: z.int().min(400).max(599).default(500),
    code: z.string().optional(),
    message: z.string().optional(),
  }),
  /** Answers as the service does when asked too often; without `retryAfterSeconds` it does not say when to come back. */
  z.strictObject({ kind: z.literal('throttle'), retryAfterSeconds: z.int().min(0).optional() }),
  /** Waits, by the machine's clock, and then goes on. */
  z.strictObject({ kind: z.literal('delay'), milliseconds: z.int().min(0) }),
  /** Cuts the connection: before anything happened, or after the effect but before its answer. */
  z.strictObject({ kind: z.literal('drop'), when: z.enum(['before', 'after']) }),
  /** Has the effect and answers its status, but the body ends early (`cut`) or is no longer what was meant (`garble`). */
  z.strictObject({ kind: z.literal('damage'), how: z.enum(['cut', 'garble']) }),
]);

export const faultSchema = z.strictObject({
  part: z.enum(partNames),
  effect,
  /** A regular expression on what is asked, for example `^POST .*generateCredentials`; without it, everything. */
  match: z.string().refine(isRegularExpression, { error: 'is not a regular expression' }).optional(),
  /** How many requests it hits; without it, all until it is cleared. */
  times: z.int().min(1).optional(),
});

export type Fault = z.input<typeof faultSchema>;
export type FaultEffect = z.output<typeof effect>;

interface ArmedFault {
  readonly part: PartName;
  readonly effect: FaultEffect;
  readonly pattern: RegExp | undefined;
  left: number;
}

/** What is to go wrong, and where. Faults of one part are used in the order in which they were injected. */
export class Faults {
  #armed: ArmedFault[] = [];
  readonly #unreachable = new Set<PartName>();
  readonly #listeners = new Set<() => void>();

  /** @throws z.ZodError when the fault is not one. */
  inject(fault: Fault): void {
    const { part, effect, match, times } = faultSchema.parse(fault);
    this.#armed.push({
      part,
      effect,
      pattern: match ? new RegExp(match, 'i') : undefined,
      left: times ?? Infinity,
    });
  }

  /** The effect of the first armed fault that this request meets, if any; it counts as one of the fault's times. */
  take(part: PartName, request: string): FaultEffect | undefined {
    const fault = this.#armed.find((armed) => armed.part === part && (armed.pattern?.test(request) ?? true));
    if (!fault) return undefined;
    fault.left -= 1;
    if (fault.left <= 0) this.#armed = this.#armed.filter((armed) => armed !== fault);
    return fault.effect;
  }

  /** Makes a part refuse or drop every connection, until it is made reachable again. */
  setReachable(part: PartName, reachable: boolean): void {
    if (reachable) this.#unreachable.delete(part);
    else this.#unreachable.add(part);
    for (const listener of this.#listeners) listener();
  }

  isReachable(part: PartName): boolean {
    return !this.#unreachable.has(part);
  }

  get unreachableParts(): PartName[] {
    return [...this.#unreachable];
  }

  /** Calls `listener` whenever a part becomes reachable or unreachable, until the returned function is called. */
  onReachabilityChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Clears the faults of one part, or of all, and makes it reachable. */
  clear(part?: PartName): void {
    this.#armed = part ? this.#armed.filter((armed) => armed.part !== part) : [];
    for (const name of part ? [part] : this.unreachableParts) this.setReachable(name, true);
  }
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
