import { createServer } from 'node:http';
import { listen } from '../http/listen.ts';
import type { ListenAddress } from '../part.ts';
import { type ControlledCloud, createControlApi } from './control-api.ts';

/**
 * Lets the control API listen.
 * @throws UsageError when the port is taken
 */
export async function serveControlApi(
  cloud: ControlledCloud,
  address: ListenAddress,
): Promise<{ url: string; close(): Promise<void> }> {
  const { listener, feed } = createControlApi(cloud);
  const server = createServer(listener);
  const port = await listen(server, address, 'control');
  return {
    url: `http://${address.host}:${port}`,
    close: () =>
      new Promise((done) => {
        feed.close();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
