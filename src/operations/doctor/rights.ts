import { type Asker, ask, type Question, type Reply } from './ask.ts';
import { type Diagnosis, ok, red, type Subject, warn } from './diagnosis.ts';

/**
 * A request that needs a right and can have no effect, as it is about something that is not there: it is refused for want
 * of the right, or because there is nothing.
 */
export interface Probe extends Question {
  /** As in a role definition. */
  readonly action: string;
}

/**
 * `blocked`: a lock or a policy of Azure stands before the right. `unclear`: the answer does not tell.
 */
export type Answer = 'allowed' | 'denied' | 'blocked' | 'unclear';

export interface Probed {
  readonly action: string;
  readonly answer: Answer;
  readonly status: number;
}

/** One after another, to be no burden. @throws ServiceFailure if there is no answer at all */
export async function probeAll(
  asker: Asker,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<Probed[]> {
  const probed: Probed[] = [];
  for (const probe of probes) {
    const reply = await ask(asker, probe, signal);
    probed.push({ action: probe.action, answer: answerOf(reply), status: reply.status });
  }
  return probed;
}

const wantOfRight: ReadonlySet<string> = new Set(['AuthorizationFailed', 'LinkedAuthorizationFailed']);
const inTheWay: ReadonlySet<string> = new Set([
  'ScopeLocked',
  'RequestDisallowedByPolicy',
  'ForbiddenByPolicy',
  'ForbiddenByFirewall',
  'ForbiddenByConnection',
]);

/** Azure looks at the right first: any other complaint shows that it is there. */
export function answerOf({ status, codes }: Pick<Reply, 'status' | 'codes'>): Answer {
  if (codes.some((code) => inTheWay.has(code))) return 'blocked';
  if (status === 401 || codes.some((code) => wantOfRight.has(code))) return 'denied';
  if (status === 403) return codes.includes('Forbidden') ? 'denied' : 'unclear';
  return status === 400 || status === 404 || (status >= 200 && status < 300) ? 'allowed' : 'unclear';
}

export interface RightsWords {
  /** Whose rights these are: `its role`. */
  readonly role: string;
  /** What gives them. */
  readonly remedy: string;
}

/** What all probes together say: one line if all is well, else one line for each way in which it is not. */
export function rightsDiagnoses(
  subject: Subject,
  probed: readonly Probed[],
  { role, remedy }: RightsWords,
): Diagnosis[] {
  const of = (answer: Answer) => probed.filter((each) => each.answer === answer);
  const [denied, blocked, unclear] = [of('denied'), of('blocked'), of('unclear')];
  const found: Diagnosis[] = [];
  if (denied.length > 0)
    found.push(
      red(subject, `is not allowed ${actionsOf(denied)}`, `${remedy} It may take some minutes to spread.`),
    );
  if (blocked.length > 0)
    found.push(
      red(
        subject,
        `a lock, a policy or a firewall is in the way of ${actionsOf(blocked)}`,
        'Look for locks, Azure Policy assignments and network rules there.',
      ),
    );
  if (unclear.length > 0)
    found.push(
      warn(subject, `cannot tell whether it may do ${actionsOf(unclear)}`, 'Run the doctor again later.'),
    );
  return found.length > 0 ? found : [ok(subject, `all ${probed.length} actions of ${role} are allowed`)];
}

/** With the status, where it is not the usual one. */
function actionsOf(probed: readonly Probed[]): string {
  return probed
    .map(({ action, status }) => (status === 403 ? action : `${action} (${status})`))
    .map((text) => text.replace(/^Microsoft\.\w+\/\w+\//, ''))
    .join(', ');
}
