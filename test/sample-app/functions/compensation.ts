import * as df from 'durable-functions';
import { leaveEffect } from '../journal.ts';

interface Booking {
  readonly instanceId: string;
  readonly what: string;
  readonly soldOut: readonly string[];
}

/** Compensation: books one after the other; when one fails, cancels what was booked, last first. */
df.app.orchestration('bookTrip', function* (context) {
  const { instanceId } = context.df;
  const { parts, soldOut } = context.df.getInput<{ parts: string[]; soldOut: string[] }>();
  const booked: string[] = [];
  try {
    for (const what of parts) {
      yield context.df.callActivity('book', { instanceId, what, soldOut } satisfies Booking);
      booked.push(what);
    }
    return { booked, cancelled: [] };
  } catch (error) {
    const cancelled = booked.toReversed();
    for (const what of cancelled) yield context.df.callActivity('cancel', { instanceId, what });
    const isSoldOut = error instanceof Error && error.message.includes('is sold out');
    return { booked: [], cancelled, reason: isSoldOut ? 'sold out' : 'failed' };
  }
});

df.app.activity('book', {
  handler: async ({ instanceId, what, soldOut }: Booking) => {
    if (soldOut.includes(what)) throw new Error(`${what} is sold out`);
    await leaveEffect(instanceId, `book ${what}`);
  },
});

df.app.activity('cancel', {
  handler: ({ instanceId, what }: { instanceId: string; what: string }) =>
    leaveEffect(instanceId, `cancel ${what}`),
});
