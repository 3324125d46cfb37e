import type { Server } from 'node:net';
import { type ListenAddress, UsageError } from '../part.ts';

/**
 * Starts listening and returns the port.
 * @throws UsageError when the port is taken or may not be used.
 */
export function listen(server: Server, address: ListenAddress, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, address, what));
    server.once('error', onError);
    server.listen({ host: address.host, port: address.port }, () => {
      server.off('error', onError);
      const bound = server.address();
      if (bound === null || typeof bound === 'string') reject(new Error(`${what} listens on no port`));
      else resolve(bound.port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenAddress, what: string): Error {
  if (error.code === 'EADDRINUSE')
    return new UsageError(`Port ${port} on ${host}, for ${what}, is taken by another program`);
  if (error.code === 'EACCES')
    return new UsageError(`Port ${port} on ${host}, for ${what}, may not be used by this account`);
  return error;
}
