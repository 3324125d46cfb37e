import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FollowerReport {
  readonly id: string;
  readonly seen: number;
  readonly nextDue: string | null;
}

/** A control API that answers a follower only when the test says so. */
export interface TestControl {
  readonly url: string;
  readonly reports: FollowerReport[];
  /** How often a follower has hung up while it waited. */
  readonly hangUps: number;
  /** Answers the poll that waits, or the next one. */
  answer(state: { version: number; offsetMilliseconds: number; unreachable?: string[] }): void;
  /** Answers that nothing changed. */
  answerUnchanged(): void;
  close(): Promise<void>;
}

export async function startTestControl(): Promise<TestControl> {
  const reports: FollowerReport[] = [];
  let hangUps = 0;
  let waiting: ServerResponse | undefined;
  let pending: ((response: ServerResponse) => void) | undefined;
  const give = (send: (response: ServerResponse) => void) => {
    if (waiting) send(waiting);
    else pending = send;
    waiting = undefined;
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    reports.push({ id: request.url?.split('/').at(-1) ?? '', ...body });
    response.on('close', () => {
      if (response.writableEnded) return;
      hangUps += 1;
      if (waiting === response) waiting = undefined;
    });
    if (pending) pending(response);
    else waiting = response;
    pending = undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reports,
    get hangUps() {
      return hangUps;
    },
    answer: (state) =>
      give((response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ unreachable: [], ...state }));
      }),
    answerUnchanged: () => give((response) => response.writeHead(204).end()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
