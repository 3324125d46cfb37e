import { type Finding, tokenFindings } from '../../../src/contracts/findings.ts';
import type { TokenIdentity } from '../../../src/lifecycle/state.ts';
import type { Findings, FindingsFilter, OpenFinding } from '../../../src/ports/findings.ts';
import type { Page, PageRequest } from '../../../src/ports/token-records.ts';

interface Kept {
  readonly open: OpenFinding;
  readonly gone: boolean;
}

/** The findings in memory. What is gone is kept, to be counted. */
export class MemoryFindings implements Findings {
  readonly kept = new Map<string, Kept>();

  async replaceOfToken(
    { registry, token }: Pick<TokenIdentity, 'registry' | 'token'>,
    open: readonly OpenFinding[],
  ): Promise<void> {
    for (const finding of Object.keys(tokenFindings)) {
      const key = keyOf(registry, token, finding);
      const found = this.kept.get(key);
      if (found) this.kept.set(key, { ...found, gone: true });
    }
    for (const each of open)
      this.kept.set(keyOf(registry, token, each.drift.finding), { open: each, gone: false });
  }

  /** A finding of a registry, or of a token that nobody manages. */
  put(open: OpenFinding): void {
    this.kept.set(keyOf(open.registry, open.token, open.drift.finding), { open, gone: false });
  }

  async listFindings(
    filter: FindingsFilter,
    { pageSize, continuation }: PageRequest,
  ): Promise<Page<OpenFinding>> {
    const found = [...this.kept]
      .filter(([key, { open, gone }]) => !gone && isWanted(open, filter) && comesAfter(key, filter))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { open }]) => open);
    const end = Number(continuation ?? 0) + pageSize;
    return {
      items: found.slice(end - pageSize, end),
      ...(found.length > end ? { continuation: String(end) } : {}),
    };
  }

  async countSince(registry: string, finding: Finding, since: string, limit: number): Promise<number> {
    const counted = [...this.kept.values()].filter(
      ({ open }) =>
        open.registry === registry &&
        open.drift.finding === finding &&
        open.drift.since >= since &&
        Object.hasOwn(tokenFindings, finding),
    );
    return Math.min(counted.length, limit);
  }

  async forgetGone(registry: string): Promise<void> {
    for (const [key, { open, gone }] of this.kept)
      if (gone && open.registry === registry) this.kept.delete(key);
  }
}

function keyOf(registry: string, token: string | undefined, finding: string): string {
  return `${registry}/${token ?? ''}~${finding}`.toLowerCase();
}

function comesAfter(key: string, { registry, after }: FindingsFilter): boolean {
  return after === undefined || key > keyOf(registry, after.token, after.finding);
}

function isWanted(open: OpenFinding, filter: FindingsFilter): boolean {
  const { registry, finding = open.drift.finding, token = open.token, entrances, unowned } = filter;
  return (
    open.registry === registry &&
    open.drift.finding === finding &&
    open.token?.toLowerCase() === token?.toLowerCase() &&
    (entrances === undefined ||
      (open.entrance === undefined ? unowned === true : entrances.includes(open.entrance)))
  );
}
