import { z } from 'zod';
import { tokenNameSchema } from '../contracts/names.ts';
import type { HistoryEntry } from '../lifecycle/settlement.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import { type Caller, sees } from './caller.ts';
import { readContinuation, writeContinuation } from './continuation.ts';
import { answerOf, type HttpAnswer, type HttpQuestion } from './http-answer.ts';
import type { HttpPorts } from './http-ports.ts';
import { Problem } from './problems.ts';
import { defaultPageSize, readQuery } from './read-query.ts';
import { shownToken } from './shown-token.ts';

/** After so many entries of this plan. */
const placeSchema = z.object({ plan: z.int().min(0).max(9_999_999_999), shown: z.int().min(0).max(100) });

type Place = z.output<typeof placeSchema>;

/**
 * `GET /api/tokens/{registry}/{token}`: one token and what was done with it, newest first. A token of an entrance that
 * the caller does not see is answered like one that does not exist.
 *
 * @throws Problem
 * @throws ServiceFailure
 */
export async function showToken(
  question: HttpQuestion,
  caller: Caller,
  ports: HttpPorts,
): Promise<HttpAnswer> {
  const { pageSize = defaultPageSize, continuation } = readQuery(question, ['pageSize', 'continuation']);
  const identity = identityOf(question, ports);
  const asked = identity && [identity.loginServer, identity.token.toLowerCase()];
  const place =
    continuation === undefined ? undefined : readContinuation(continuation, asked ?? [], placeSchema);
  const state = identity && (await ports.records.readState(identity))?.state;
  if (!identity || !state || state.status === 'none' || !sees(caller, state.managed.entrance))
    throw new Problem('tokenNotFound');
  const found = await historyFrom(identity, place, pageSize + 1, ports);
  const entries = found.slice(0, pageSize);
  const next = found.length > pageSize ? placeAfter(entries, place) : undefined;
  const history = {
    entries: entries.map(shownEntry),
    ...(next ? { continuation: writeContinuation(next, asked ?? []) } : {}),
  };
  return answerOf(200, { ...shownToken(state), history });
}

function identityOf({ parameters }: HttpQuestion, { configuration }: HttpPorts): TokenIdentity | undefined {
  const registry = configuration.registries.get((parameters.registry ?? '').toLowerCase());
  const token = tokenNameSchema.safeParse(parameters.token);
  if (!registry || !token.success) return undefined;
  return { registry: registry.name, loginServer: registry.loginServer, token: token.data };
}

async function historyFrom(
  identity: TokenIdentity,
  place: Place | undefined,
  most: number,
  { records }: HttpPorts,
): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  const wanted = most + (place?.shown ?? 0);
  let continuation: string | undefined;
  do {
    const request = { pageSize: wanted - entries.length, fromPlan: place?.plan, continuation };
    const page = await records.readHistory(identity, request);
    entries.push(...page.items);
    continuation = page.continuation;
  } while (continuation !== undefined && entries.length < wanted);
  const skipped = place ? entries.filter(({ plan }) => plan === place.plan).slice(0, place.shown) : [];
  return entries.slice(skipped.length);
}

/** Several entries may be of one plan. */
function placeAfter(entries: readonly HistoryEntry[], earlier: Place | undefined): Place | undefined {
  const plan = entries.at(-1)?.plan;
  if (plan === undefined) return undefined;
  const before = earlier?.plan === plan ? earlier.shown : 0;
  return { plan, shown: before + entries.filter((entry) => entry.plan === plan).length };
}

function shownEntry({ at, plan, work, result, code, command, incarnation, generation }: HistoryEntry) {
  return { at, plan, work, result, code, command, incarnation, generation };
}
