import type { ServiceBusMessage } from '@azure/service-bus';
import fc from 'fast-check';
import rhea from 'rhea';
import { command } from '../messages.ts';
import { canary, hostileBody } from './hostile-bodies.ts';

/** A message, and the queue that it is sent to. Its id says who it is, wherever it turns up. */
export interface HostileMessage {
  readonly queue: string;
  readonly message: ServiceBusMessage & { readonly messageId: string; readonly body: Buffer };
}

const entrances = {
  'token-requests': { source: '/self-service/form', token: 'team' },
  'token-requests-urgent': { source: '/self-service/form', token: 'team' },
  'token-requests-partners': { source: '/partner-portal', token: 'partner' },
  'token-requests-devices': { source: '/provisioning/line-1', token: 'device' },
} as const;

type Queue = keyof typeof entrances;

const queue = fc.constantFrom(...(Object.keys(entrances) as Queue[]));

/** Commands that are whole and sent in time, by somebody who may send, for what must not be had. */
const deniable = fc
  .tuple(
    queue,
    fc.constantFrom('/self-service/form', '/partner-portal', '/provisioning/line-1', '/evil'),
    fc.constantFrom<readonly [registry: string, token: string]>(
      ['fabrikam', 'team-other'],
      ['constructor', 'team-other'],
      ['contoso', 'admin-token'],
      ['contoso', 'partner-web'],
      ['contoso', 'team-other'],
    ),
    fc.constantFrom(
      { repositories: { '*': ['content/delete'] } },
      { repositories: { 'admin/secrets': ['content/read'] } },
      { scopeMap: '_repositories_admin' },
      { scopeMap: 'no-such-map' },
    ),
    fc.constantFrom('team-web', 'CANARY-owner', 'root'),
  )
  .map(([to, source, [registry, token], access, owner]) => {
    const event = command('keyturn.token.requested', token, { registry, access, owner }, { source });
    return { queue: to, body: Buffer.from(JSON.stringify({ ...event, subject: `${registry}/${token}` })) };
  });

/**
 * As clients of other languages send them: the one for JavaScript takes no such values, but lets through what is encoded
 * already, of which its types know nothing.
 */
const typedValue = fc
  .oneof(
    fc.double().map((value) => rhea.types.wrap_double(value)),
    fc.constantFrom(1e49, -1e308, 2 ** 53, 2 ** 64).map((value) => rhea.types.wrap_double(value)),
    fc.maxSafeInteger().map((value) => rhea.types.wrap_long(value)),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((value) => rhea.types.wrap_uuid(Buffer.from(value))),
  )
  .map((value) => value as unknown as string);

const propertyValue = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.double({ noInteger: true }),
  fc.maxSafeInteger(),
  typedValue,
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.constant(canary.repeat(1_000)),
);

/** Where a sender claims another id for its message; it is made one of each message's own, to tell them apart. */
const claimedId = 'keyturnOriginalMessageId';
const forgedId = `${canary}-other`;

/** The properties by which the app's own copies say where they come from, in the hands of somebody else. */
const forgedOrigin = fc.record(
  {
    keyturnOriginalMessageId: fc.constantFrom<string | number>(forgedId, forgedId, canary.repeat(1_000), 7),
    keyturnOriginalSequenceNumber: fc.oneof(
      fc.constantFrom('0', '1', '9'.repeat(19), '-1', '1e3'),
      propertyValue,
    ),
    keyturnOriginalEnqueuedAt: fc.oneof(
      fc.constantFrom('2020-01-01T00:00:00Z', '2037-01-01T00:00:00Z', 'yesterday'),
      propertyValue,
    ),
    keyturnAttempt: fc.oneof(fc.constantFrom(1, 700, -1, 1.5, Number.MAX_SAFE_INTEGER), propertyValue),
    rejectionReason: fc.constant(canary),
    rejectionDescription: fc.constant(canary),
  },
  { requiredKeys: [] },
);

const anyProperties = fc.dictionary(
  fc.oneof(
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.constantFrom('__proto__', 'constructor', 'Diagnostic-Id'),
  ),
  propertyValue,
  { maxKeys: 8, noNullPrototype: true },
);

const properties = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: forgedOrigin },
  { weight: 1, arbitrary: anyProperties },
  { weight: 1, arbitrary: fc.constant({ long: canary.repeat(5_000) }) },
);

const contentType = fc.constantFrom(
  'application/cloudevents+json',
  'application/json',
  'text/html',
  `${canary}/x`,
);

/** Of these fields every one may be missing. */
const envelope = fc.record(
  {
    contentType,
    subject: fc.string({ maxLength: 100 }).map((text) => `${canary}${text}`),
    correlationId: fc.string({ minLength: 1, maxLength: 100 }),
    replyTo: fc.constant('token-requests'),
  },
  { requiredKeys: [] },
);

const content = fc.oneof(
  { weight: 4, arbitrary: fc.record({ queue, body: hostileBody }) },
  { weight: 1, arbitrary: deniable },
);

/** Messages of every kind that should do no harm, each with an id of its own. */
export function hostileMessages(count: number, seed: number): HostileMessage[] {
  const any = fc.tuple(content, envelope, properties);
  return fc
    .sample(any, { numRuns: count, seed })
    .map(([{ queue: to, body }, rest, applicationProperties], index) => {
      const forged = Reflect.get(applicationProperties, claimedId) === forgedId;
      const claims = forged ? { [claimedId]: `hostile-${index}-forged` } : {};
      return {
        queue: to,
        message: {
          ...rest,
          messageId: `hostile-${index}`,
          body,
          applicationProperties: body.length > 200_000 ? {} : { ...applicationProperties, ...claims },
        },
      };
    });
}
