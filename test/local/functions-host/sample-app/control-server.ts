import { createServer } from 'node:http';
import { MovableClock } from '../../../../infra/local/clock.ts';
import { createControlApi } from '../../../../infra/local/control/control-api.ts';
import { ControlClient } from '../../../../infra/local/control/control-client.ts';
import { Faults } from '../../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../../infra/local/control/request-history.ts';
import { listen } from '../../../../infra/local/http/listen.ts';

export interface ControlServer {
  readonly url: string;
  readonly client: ControlClient;
  close(): Promise<void>;
}

/** The control API of a local cloud that has no parts: just its clock, and a store that can be made unreachable. */
export async function startControlServer(): Promise<ControlServer> {
  const clock = new MovableClock();
  const faults = new Faults();
  const history = new RequestHistory(() => clock.now());
  const { listener, feed } = createControlApi({
    clock,
    faults,
    history,
    issuedPasswords: () => [],
    issuedLoginTokens: () => [],
    registrySettings: () => ({}),
    changeRegistrySettings: () => ({}),
    eventGridSettings: () => ({}),
    changeEventGridSettings: () => ({}),
    heldMessages: () => [],
    reset: () => Promise.resolve(),
  });
  const server = createServer(listener);
  const url = `http://127.0.0.1:${await listen(server, { host: '127.0.0.1', port: 0 }, 'control')}`;
  return {
    url,
    client: new ControlClient(url),
    close: () =>
      new Promise((resolve) => {
        feed.close();
        clock.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
