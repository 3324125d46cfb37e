import type { TokenIdentity } from '../lifecycle/state.ts';
import type { CommandStatus } from '../ports/token-records.ts';
import { type Caller, sees } from './caller.ts';
import { answerOf, type HttpAnswer, type HttpQuestion } from './http-answer.ts';
import type { HttpPorts } from './http-ports.ts';
import { Problem } from './problems.ts';
import { readQuery } from './read-query.ts';

/**
 * `GET /api/requests/{entrance}/{key}`: what became of a command.
 *
 * @throws Problem
 * @throws ServiceFailure
 */
export async function showRequest(
  question: HttpQuestion,
  caller: Caller,
  { requests, records }: HttpPorts,
): Promise<HttpAnswer> {
  readQuery(question, []);
  const { entrance = '', key: written = '' } = question.parameters;
  const key = written.toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Problem('invalidKey');
  if (!isEntranceName(entrance) || !sees(caller, entrance)) throw new Problem('requestNotFound');
  const token = await requests.findRequest(entrance, key);
  const found = token && (await records.readCommand(token, key));
  if (!token || found?.entrance !== entrance) throw new Problem('requestNotFound');
  return answerOf(200, shownRequest(found, token));
}

/** Whoever sees all entrances may ask for anything; what goes on to the tables has the form of a name. */
function isEntranceName(text: string): boolean {
  return /^[a-z][a-z0-9-]{2,49}$/.test(text);
}

function shownRequest(
  { key, entrance, source, id, type, acceptedAt, outcome }: CommandStatus,
  token: TokenIdentity,
) {
  return {
    key,
    entrance,
    source,
    id,
    type,
    registry: token.registry,
    token: token.token,
    acceptedAt,
    status: outcome?.status ?? 'pending',
    at: outcome?.at,
    code: outcome?.code,
    detail: outcome?.detail,
    until: outcome?.until,
  };
}
