import type { Finding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import { day } from '../lifecycle/instant-arithmetic.ts';
import { endsUncovered } from '../observability/watched-records.ts';
import type { InventoryRow } from '../ports/inventory.ts';
import { listedStatuses } from './read-query.ts';

/** How near the end of a password is counted, in milliseconds. */
const near = 7 * day;

/** Counts tokens and findings as they come, and keeps nothing of them but that. */
export class TokenSummary {
  readonly #now: Instant;
  readonly #byStatus = new Map(listedStatuses.map((status) => [status, 0]));
  readonly #byRegistry = new Map<string, number>();
  readonly #findings = new Map<Finding, number>();
  #expiring = 0;
  #failing = 0;
  #parked = 0;

  constructor(now: Instant) {
    this.#now = now;
  }

  addToken(row: InventoryRow): void {
    const { status, registry, findings = [], failing, parked } = row;
    if (status === 'none') return;
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    if (status !== 'deleted') this.#byRegistry.set(registry, this.tokensOf(registry) + 1);
    for (const finding of findings) this.addFinding(finding);
    if (endsUncovered(row, this.#now, near)) this.#expiring += 1;
    if (failing) this.#failing += 1;
    if (parked) this.#parked += 1;
  }

  addFinding(finding: Finding): void {
    this.#findings.set(finding, (this.#findings.get(finding) ?? 0) + 1);
  }

  /** Managed ones that are not deleted. */
  tokensOf(registry: string): number {
    return this.#byRegistry.get(registry) ?? 0;
  }

  counts() {
    return {
      tokens: Object.fromEntries(this.#byStatus),
      expiring: this.#expiring,
      failing: this.#failing,
      parked: this.#parked,
      findings: Object.fromEntries([...this.#findings].sort(([one], [other]) => (one < other ? -1 : 1))),
    };
  }
}
