import * as df from 'durable-functions';
import { leaveEffect } from '../journal.ts';

interface OrderStep {
  readonly instanceId: string;
  readonly amount: number;
}

/** Function chaining: each step works on what the one before gave. */
df.app.orchestration('processOrder', function* (context) {
  const { instanceId } = context.df;
  const { amount } = context.df.getInput<{ amount: number }>();
  context.df.setCustomStatus('reserving');
  const reservation: string = yield context.df.callActivity('reserveStock', { instanceId, amount });
  context.df.setCustomStatus('charging');
  const receipt: string = yield context.df.callActivity('chargeCard', { instanceId, reservation, amount });
  context.df.setCustomStatus('shipping');
  const parcel: string = yield context.df.callActivity('shipOrder', { instanceId, receipt });
  context.df.setCustomStatus('shipped');
  return { parcel };
});

df.app.activity('reserveStock', {
  handler: async ({ instanceId, amount }: OrderStep) => {
    await leaveEffect(instanceId, 'reserveStock');
    return `reservation of ${amount}`;
  },
});

df.app.activity('chargeCard', {
  handler: async ({ instanceId, reservation }: OrderStep & { reservation: string }) => {
    await leaveEffect(instanceId, 'chargeCard');
    return `receipt for ${reservation}`;
  },
});

df.app.activity('shipOrder', {
  handler: async ({ instanceId, receipt }: OrderStep & { receipt: string }) => {
    await leaveEffect(instanceId, 'shipOrder');
    return `parcel with ${receipt}`;
  },
});
