import { z } from 'zod';
import { type Instant, instantSchema, later } from '../contracts/instants.ts';
import { registryKeySchema, tokenNameSchema } from '../contracts/names.ts';
import type { InventoryFilter, InventoryRow } from '../ports/inventory.ts';
import { type Caller, sees } from './caller.ts';
import { readContinuation, writeContinuation } from './continuation.ts';
import { answerOf, type HttpAnswer, type HttpQuestion } from './http-answer.ts';
import type { HttpPorts } from './http-ports.ts';
import { Problem } from './problems.ts';
import { defaultPageSize, parameterError, readQuery } from './read-query.ts';
import { registryNames } from './registry-names.ts';
import { take } from './take.ts';

const placeSchema = z.object({
  registry: registryKeySchema,
  after: tokenNameSchema,
  /** What `expiringWithin` came to on the first page, so that all pages are of one list. */
  expiresBefore: instantSchema.optional(),
});

type Place = z.output<typeof placeSchema>;

/**
 * `GET /api/tokens`: the tokens of the caller's entrances, by registry and name.
 *
 * @throws Problem
 * @throws ServiceFailure
 */
export async function listTokens(
  question: HttpQuestion,
  caller: Caller,
  ports: HttpPorts,
): Promise<HttpAnswer> {
  const query = readQuery(question, [
    'registry',
    'status',
    'expiringWithin',
    'expiresBefore',
    'pageSize',
    'continuation',
  ]);
  const { pageSize = defaultPageSize, continuation, ...wanted } = query;
  const { registry, status, expiringWithin, expiresBefore } = wanted;
  const names = registryNames(registry, ports);
  if (expiringWithin !== undefined && expiresBefore !== undefined)
    throw new Problem('invalidQuery', [parameterError('expiringWithin', 'withinAndBefore')]);
  const asked = [registry, status, expiringWithin, expiresBefore];
  const place = continuation === undefined ? undefined : readContinuation(continuation, asked, placeSchema);
  const now = ports.clock.now().toISOString();
  const before =
    expiringWithin === undefined ? expiresBefore : (place?.expiresBefore ?? later(now, expiringWithin));
  const rows = rowsOf(names, place, { status, expiresBefore: before }, caller, pageSize + 1, ports);
  const found = await take(rows, pageSize + 1);
  const shown = found.slice(0, pageSize);
  const last = found.length > pageSize ? shown.at(-1) : undefined;
  return answerOf(200, {
    tokens: shown.map(shownRow),
    ...(last ? { continuation: writeContinuation(placeOf(last, before), asked) } : {}),
  });
}

function placeOf({ registry, token }: InventoryRow, expiresBefore: Instant | undefined): Place {
  return {
    registry: registry.toLowerCase(),
    after: token.toLowerCase(),
    ...(expiresBefore ? { expiresBefore } : {}),
  };
}

/** What the caller may see of some registries, from a place on. What is filtered at the source is checked here again. */
async function* rowsOf(
  registries: readonly string[],
  place: Place | undefined,
  filter: Pick<InventoryFilter, 'status' | 'expiresBefore'>,
  caller: Caller,
  pageSize: number,
  { inventory }: HttpPorts,
): AsyncGenerator<InventoryRow> {
  const entrances = caller.entrances === 'all' ? undefined : caller.entrances;
  for (const registry of registries.filter((name) => !place || name >= place.registry)) {
    const after = registry === place?.registry ? place.after : undefined;
    let continuation: string | undefined;
    do {
      const page = await inventory.listRows(
        { registry, entrances, after, ...filter, brief: true },
        { pageSize, continuation },
      );
      yield* page.items.filter(({ status, entrance }) => status !== 'none' && sees(caller, entrance));
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
}

/** Field by field, so that what is added to the inventory one day is not shown by itself. */
function shownRow(row: InventoryRow) {
  const { registry, token, status, entrance, owner, slot, generation, expiresAt, nextRotation } = row;
  const { secretUri, findings, failing, parked, lookAt, pendingSince } = row;
  return {
    ...{ registry, token, status, entrance, owner, slot, generation, expiresAt, nextRotation },
    ...{ secretUri, findings, failing, parked, lookAt, pendingSince },
  };
}
