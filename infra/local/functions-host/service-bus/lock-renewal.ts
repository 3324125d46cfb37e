import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';

/** A lock is renewed so long before it ends, or when half of what is left has passed. Milliseconds. */
const longestMargin = 10_000;

/**
 * Renews the lock of a message until the returned function is called, for at most so many milliseconds. Locks are the
 * broker's, so they follow the machine's clock.
 */
export function renewLock(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  longest: number,
  onError: (error: unknown) => void,
): () => void {
  const end = performance.now() + longest;
  let timer: NodeJS.Timeout | undefined;
  const plan = (lockedUntil: Date | undefined) => {
    const left = (lockedUntil?.getTime() ?? 0) - Date.now();
    const pause = left - Math.min(left / 2, longestMargin);
    if (left <= 0 || performance.now() + pause > end) return;
    timer = setTimeout(renew, pause);
    timer.unref();
  };
  const renew = () => {
    receiver.renewMessageLock(message).then(
      (lockedUntil) => {
        if (timer) plan(lockedUntil);
      },
      (error: unknown) => {
        if (timer) onError(error);
      },
    );
  };
  plan(message.lockedUntilUtc);
  return () => {
    clearTimeout(timer);
    timer = undefined;
  };
}
