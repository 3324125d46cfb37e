import { Agent, request } from 'node:https';

/** `unanswered`: nobody said anything about the password. */
export type LogInAnswer = 'accepted' | 'refused' | 'unanswered';

const patience = 20_000;

/** Logs in on a connection of its own, and so perhaps at another node each time. Names itself as docker's client does. */
export function logInAnew(
  loginServer: string,
  { token, password, account }: { token: string; password: string; account: string },
): Promise<LogInAnswer> {
  const url = `https://${loginServer}/oauth2/token?service=${loginServer}&account=${account}`;
  const authorization = `Basic ${Buffer.from(`${token}:${password}`).toString('base64')}`;
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 });
  const signal = AbortSignal.timeout(patience);
  return new Promise((resolve) => {
    request(url, { agent, signal, headers: { authorization } }, (answer) => {
      answer.on('error', () => undefined).resume();
      resolve(answerOf(answer.statusCode));
    })
      .on('error', () => resolve('unanswered'))
      .end();
  });
}

function answerOf(status: number | undefined): LogInAnswer {
  if (status === 200) return 'accepted';
  return status === 401 || status === 403 ? 'refused' : 'unanswered';
}
