import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { MovableClock } from '../clock.ts';
import { durationInMilliseconds } from '../durations.ts';
import { ClockFeed, followerReportSchema } from './clock-feed.ts';
import { type Faults, faultSchema } from './faults.ts';
import { partNames } from './parts.ts';
import type { RequestHistory } from './request-history.ts';

/** What the control API can do to the parts that run. */
export interface ControlledCloud {
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly history: RequestHistory;
  /** Every password that the registry ever issued. */
  issuedPasswords(): readonly string[];
  /** Access tokens that the registry's login server issued. */
  issuedLoginTokens(): readonly string[];
  /** The settings of the registry that can be changed while it runs, and changes to them. */
  registrySettings(): unknown;
  /** @throws z.ZodError when the changes do not fit. */
  changeRegistrySettings(changes: unknown): unknown;
  /** The settings of Event Grid, and changes to them. */
  eventGridSettings(): unknown;
  /** @throws z.ZodError when the changes do not fit. */
  changeEventGridSettings(changes: unknown): unknown;
  /** Every message that Service Bus holds now. */
  heldMessages(): unknown;
  reset(): Promise<void>;
}

interface ControlEnvironment {
  Bindings: HttpBindings;
}

const advanceSchema = z.union([
  z.strictObject({ by: z.string() }),
  z.strictObject({ to: z.iso.datetime({ offset: true }) }),
]);

const requestQuery = z.strictObject({
  part: z.enum(partNames).optional(),
  after: z.coerce.number().int().min(0).optional(),
});

const partQuery = z.strictObject({ part: z.enum(partNames).optional() });

/** The HTTP API by which tests and people steer the local cloud. Close the returned feed with the server. */
export function createControlApi(cloud: ControlledCloud): {
  listener: ReturnType<typeof getRequestListener>;
  feed: ClockFeed;
} {
  const { clock, faults, history } = cloud;
  const feed = new ClockFeed(clock, faults);
  const api = new Hono<ControlEnvironment>();

  api.get('/health', (context) => context.json({ status: 'healthy' }));
  api.get('/clock', (context) => context.json({ now: clock.now().toISOString(), ...feed.state }));
  api.post('/clock/advance', async (context) => {
    const body = advanceSchema.parse(await jsonBody(context));
    const now = clock.now();
    const milliseconds =
      'by' in body ? durationInMilliseconds(body.by, now) : new Date(body.to).getTime() - now.getTime();
    await clock.advance(milliseconds);
    return context.json({ now: clock.now().toISOString(), ...feed.state });
  });
  api.post('/clock/followers/:id', async (context) => {
    const gone = hangUpSignal(context);
    const report = followerReportSchema.parse(await jsonBody(context));
    const state = await feed.next(context.req.param('id'), report, gone);
    return state ? context.json(state) : context.body(null, 204);
  });

  api.post('/faults', async (context) => {
    faults.inject(faultSchema.parse(await jsonBody(context)));
    return context.body(null, 204);
  });
  api.delete('/faults', (context) => {
    faults.clear(partQuery.parse(context.req.query()).part);
    return context.body(null, 204);
  });
  api.put('/parts/:part/reachable', async (context) => {
    const part = z.enum(partNames).parse(context.req.param('part'));
    faults.setReachable(part, z.boolean().parse(await jsonBody(context)));
    return context.body(null, 204);
  });

  api.get('/requests', (context) => context.json(history.list(requestQuery.parse(context.req.query()))));
  api.delete('/requests', (context) => {
    history.clear();
    return context.body(null, 204);
  });
  api.get('/passwords', (context) => context.json(cloud.issuedPasswords()));
  api.get('/login-tokens', (context) => context.json(cloud.issuedLoginTokens()));
  api.get('/messages', (context) => context.json(cloud.heldMessages()));
  api.get('/registry/settings', (context) => context.json(cloud.registrySettings()));
  api.patch('/registry/settings', async (context) =>
    context.json(cloud.changeRegistrySettings(await jsonBody(context))),
  );
  api.get('/event-grid/settings', (context) => context.json(cloud.eventGridSettings()));
  api.patch('/event-grid/settings', async (context) =>
    context.json(cloud.changeEventGridSettings(await jsonBody(context))),
  );
  api.post('/reset', async (context) => {
    await cloud.reset();
    return context.body(null, 204);
  });

  api.notFound((context) =>
    context.json({ error: `There is no ${context.req.method} ${context.req.path}` }, 404),
  );
  api.onError((error, context) => {
    const badRequest =
      error instanceof z.ZodError || error instanceof RangeError || error instanceof SyntaxError;
    const message = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    return context.json({ error: message }, badRequest ? 400 : 500);
  });
  return { listener: getRequestListener(api.fetch, { overrideGlobalObjects: false }), feed };
}

async function jsonBody(context: Context<ControlEnvironment>): Promise<unknown> {
  return JSON.parse(await context.req.text());
}

function hangUpSignal(context: Context<ControlEnvironment>): AbortSignal {
  const controller = new AbortController();
  context.env.outgoing.once('close', () => controller.abort());
  return controller.signal;
}
