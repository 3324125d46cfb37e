import { isFailure, type ServiceFailureCode } from '../ports/service-failure.ts';
import { troubleOf } from '../ports/trouble.ts';
import { answerOf, type HttpAnswer, type HttpQuestion } from './http-answer.ts';
import type { HttpPorts } from './http-ports.ts';
import { readQuery } from './read-query.ts';

/** How long a probe waits for the records, in milliseconds. */
const patience = 5_000;

/** No registry has a login server of this name, so it has no tokens. */
const nobody = { registry: 'health', loginServer: 'health.invalid', token: 'health' };

/**
 * `GET /api/health`: whether the records can be read, without which nothing can be taken in or done. It is the same for
 * everybody, and reads a row that does not exist.
 *
 * @throws Problem
 */
export async function showHealth(question: HttpQuestion, ports: HttpPorts): Promise<HttpAnswer> {
  readQuery(question, []);
  const tooSlow = ports.pause(patience).then(() => 'unavailable' as const);
  const trouble = await Promise.race([readTrouble(ports), tooSlow]);
  if (trouble === undefined) return answerOf(200, { status: 'ok', records: 'reachable' });
  return answerOf(503, { status: 'unavailable', records: 'unreachable', code: trouble });
}

async function readTrouble({ records, report }: HttpPorts): Promise<ServiceFailureCode | undefined> {
  try {
    await records.readState(nobody);
    return undefined;
  } catch (error) {
    report(troubleOf(error));
    return isFailure(error) ? error.code : 'unexpected';
  }
}
