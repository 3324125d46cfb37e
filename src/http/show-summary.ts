import { second } from '../lifecycle/instant-arithmetic.ts';
import type { OpenFinding } from '../ports/findings.ts';
import type { InventoryRow } from '../ports/inventory.ts';
import { notedCapacitySchema } from '../ports/registry-notes.ts';
import type { Page } from '../ports/token-records.ts';
import { type Caller, sees, seesUnowned } from './caller.ts';
import { answerOf, type HttpAnswer, type HttpQuestion } from './http-answer.ts';
import type { HttpPorts } from './http-ports.ts';
import { readQuery } from './read-query.ts';
import { registryNames } from './registry-names.ts';
import { TokenSummary } from './token-summary.ts';

const pageSize = 1_000;

/** How long is counted, in milliseconds: less than what callers and what stands between usually wait. */
const patience = 20 * second;

/**
 * `GET /api/summary`: the tokens of the caller's entrances, counted page by page. What has not been counted in 20 s is
 * left out, and the answer says so.
 *
 * @throws Problem
 * @throws ServiceFailure
 */
export async function showSummary(
  question: HttpQuestion,
  caller: Caller,
  ports: HttpPorts,
): Promise<HttpAnswer> {
  const { registry } = readQuery(question, ['registry']);
  const names = registryNames(registry, ports);
  const begun = ports.clock.now().getTime();
  const at = new Date(begun).toISOString();
  const summary = new TokenSummary(at);
  const isOver = () => ports.clock.now().getTime() - begun >= patience;
  const complete = await count(summary, names, caller, isOver, ports);
  const registries = await Promise.all(
    names.map(async (name) => ({
      registry: name,
      tokens: summary.tokensOf(name),
      capacity: seesUnowned(caller) ? await capacityOf(name, ports) : undefined,
    })),
  );
  return answerOf(200, { at, complete, ...summary.counts(), registries });
}

/** False: there was no time for all. */
async function count(
  summary: TokenSummary,
  registries: readonly string[],
  caller: Caller,
  isOver: () => boolean,
  ports: HttpPorts,
): Promise<boolean> {
  const entrances = caller.entrances === 'all' ? undefined : caller.entrances;
  const addToken = (row: InventoryRow) => sees(caller, row.entrance) && summary.addToken(row);
  for (const registry of registries)
    if (!(await countPages(rowPages(registry, entrances, ports), addToken, isOver))) return false;
  const addFinding = ({ drift }: OpenFinding) => summary.addFinding(drift.finding);
  for (const registry of seesUnowned(caller) ? registries : [])
    if (!(await countPages(unownedPages(registry, ports), addFinding, isOver))) return false;
  return true;
}

async function countPages<Item>(
  pages: AsyncGenerator<readonly Item[]>,
  add: (item: Item) => void,
  isOver: () => boolean,
): Promise<boolean> {
  let late = isOver();
  for await (const items of pages) {
    if (late && items.length > 0) return false;
    for (const item of items) add(item);
    late = isOver();
  }
  return true;
}

function rowPages(
  registry: string,
  entrances: readonly string[] | undefined,
  { inventory }: HttpPorts,
): AsyncGenerator<readonly InventoryRow[]> {
  return pagesOf((continuation) =>
    inventory.listRows({ registry, entrances, brief: true }, { pageSize, continuation }),
  );
}

/** Findings of registries and of tokens that nobody manages; those of managed tokens are in their rows. */
function unownedPages(registry: string, { findings }: HttpPorts): AsyncGenerator<readonly OpenFinding[]> {
  return pagesOf((continuation) =>
    findings.listFindings({ registry, entrances: [], unowned: true }, { pageSize, continuation }),
  );
}

async function* pagesOf<Item>(
  read: (continuation: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[]> {
  let continuation: string | undefined;
  do {
    const page = await read(continuation);
    yield page.items;
    continuation = page.continuation;
  } while (continuation !== undefined);
}

/** As the registry was compared last; nothing if it never was. */
async function capacityOf(registry: string, { notes }: HttpPorts) {
  const noted = notedCapacitySchema.safeParse((await notes.readNote(registry, 'capacity'))?.value).data;
  return noted && { tokens: noted.tokens, limit: noted.limit, tier: noted.tier, at: noted.at };
}
