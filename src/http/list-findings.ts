import { z } from 'zod';
import { findingNames } from '../contracts/findings.ts';
import { registryKeySchema } from '../contracts/names.ts';
import type { FindingsFilter, OpenFinding } from '../ports/findings.ts';
import { type Caller, sees, seesUnowned } from './caller.ts';
import { readContinuation, writeContinuation } from './continuation.ts';
import { answerOf, type HttpAnswer, type HttpQuestion } from './http-answer.ts';
import type { HttpPorts } from './http-ports.ts';
import { defaultPageSize, readQuery } from './read-query.ts';
import { registryNames } from './registry-names.ts';
import { shownDrift } from './shown-drift.ts';
import { take } from './take.ts';

const placeSchema = z.object({
  registry: registryKeySchema,
  /** Missing: of the registry as a whole. Others may have tokens of names that Keyturn would not give. */
  token: z
    .string()
    .regex(/^[a-zA-Z0-9-]{1,50}$/)
    .optional(),
  finding: z.enum(findingNames),
});

type Place = z.output<typeof placeSchema>;

/**
 * `GET /api/findings`: what is wrong now, by registry and token. Of registries, and of tokens that nobody manages, only
 * to callers who see all entrances.
 *
 * @throws Problem
 * @throws ServiceFailure
 */
export async function listFindings(
  question: HttpQuestion,
  caller: Caller,
  ports: HttpPorts,
): Promise<HttpAnswer> {
  const query = readQuery(question, ['registry', 'token', 'finding', 'pageSize', 'continuation']);
  const { registry, token, finding, pageSize = defaultPageSize, continuation } = query;
  const names = registryNames(registry, ports);
  const asked = [registry, token?.toLowerCase(), finding];
  const place = continuation === undefined ? undefined : readContinuation(continuation, asked, placeSchema);
  const open = await take(
    findingsOf(names, place, { token, finding }, caller, pageSize + 1, ports),
    pageSize + 1,
  );
  const shown = open.slice(0, pageSize);
  const last = open.length > pageSize ? shown.at(-1) : undefined;
  return answerOf(200, {
    findings: shown.map(shownFinding),
    ...(last ? { continuation: writeContinuation(placeOf(last), asked) } : {}),
  });
}

function placeOf({ registry, token, drift: { finding } }: OpenFinding): Place {
  return { registry: registry.toLowerCase(), ...(token === undefined ? {} : { token }), finding };
}

/** What the caller may see, from a place on. What is filtered at the source is checked here again. */
async function* findingsOf(
  registries: readonly string[],
  place: Place | undefined,
  filter: Pick<FindingsFilter, 'token' | 'finding'>,
  caller: Caller,
  pageSize: number,
  { findings }: HttpPorts,
): AsyncGenerator<OpenFinding> {
  const entrances = caller.entrances === 'all' ? undefined : caller.entrances;
  for (const registry of registries.filter((name) => !place || name >= place.registry)) {
    const after = registry === place?.registry ? place : undefined;
    let continuation: string | undefined;
    do {
      const page = await findings.listFindings(
        { registry, entrances, after, ...filter },
        { pageSize, continuation },
      );
      yield* page.items.filter(({ entrance }) =>
        entrance === undefined ? seesUnowned(caller) : sees(caller, entrance),
      );
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
}

function shownFinding({ registry, token, entrance, owner, severity, drift }: OpenFinding) {
  return { registry, token, entrance, owner, severity, ...shownDrift(drift) };
}
