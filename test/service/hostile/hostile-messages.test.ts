import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HeldMessage } from '../../../infra/local/service-bus/held-messages.ts';
import { rejectionReasons } from '../../../src/contracts/rejections.ts';
import { violations } from '../../../src/contracts/violations.ts';
import { rules } from '../../../src/policy/evaluate.ts';
import { repetitions } from '../../counts.ts';
import { command, type Messages } from '../messages.ts';
import { RunningService } from '../running-service.ts';
import { canary } from './hostile-bodies.ts';
import { type HostileMessage, hostileMessages } from './hostile-message.ts';
import { sendAll, takeAll } from './send-all.ts';
import { type TakenInRecord, untilTakenIn } from './taken-in.ts';

const count = repetitions({ quick: 300, soak: 10_000 });
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

let service: RunningService;
let messages: Messages;
let processId: number | undefined;
let sent: HostileMessage[];
let records: TakenInRecord[];
let rejected: ServiceBusReceivedMessage[];

/** Commands that are in order, and hold as strange texts as are allowed. They stand in the middle of the others. */
const good = Array.from({ length: 6 }, (_, index) => ({
  queue: 'token-requests',
  message: {
    messageId: `good-${index}`,
    body: Buffer.from(
      JSON.stringify(
        command(
          'keyturn.token.requested',
          `team-good-${index}`,
          {
            owner: `team-${'@/+:._-'.repeat(index * 3)}`,
            purpose: [
              'plain',
              '\u202Enwod edispu',
              '\u{1F511}'.repeat(index * 25),
              "' or 1 eq 1",
              '__proto__',
              '\u00AD',
            ][index],
            access: { repositories: { 'teams/constructor': ['content/read'] } },
          },
          { id: `${index}-'"\\/?#%\u{1F511}` },
        ),
      ),
    ),
  },
}));

beforeAll(async () => {
  service = await RunningService.start({
    changeConfiguration: ({ entrances }) => {
      for (const { policy } of Object.values(entrances))
        policy.quotas = { tokens: 50_000, commandsPerHour: 50_000 };
    },
  });
  messages = service.openMessages();
  processId = service.hosts[0]?.processId;
  sent = hostileMessages(count, seed);
  const middle = Math.floor(sent.length / 2);
  const connectionString = service.setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING');
  await sendAll(connectionString, [...sent.slice(0, middle), ...good, ...sent.slice(middle)]);
  records = await untilTakenIn(service, count + good.length);
  const setAside = records.filter(({ result }) => result === 'setAside').length;
  rejected = await takeAll(connectionString, 'token-requests-rejected', setAside);
}, 900_000);

afterAll(async () => {
  await messages.close();
  await service.close();
});

const none = Buffer.alloc(0);

const idsOf = (results: readonly TakenInRecord['result'][]) =>
  records
    .filter(({ result }) => results.includes(result))
    .map(({ messageId }) => messageId)
    .sort();

describe(`of ${count} hostile messages to all entrances (seed ${seed})`, () => {
  it('each is dealt with once: set aside, denied, or a repeat of what was denied', () => {
    const hostile = records.filter(({ messageId }) => messageId.startsWith('hostile-'));
    expect(hostile.map(({ messageId }) => messageId).sort()).toEqual(
      sent.map(({ message }) => message.messageId).sort(),
    );
    expect(hostile.filter(({ result }) => !['setAside', 'denied', 'duplicate'].includes(result))).toEqual([]);
    expect(idsOf(['denied']).length).toBeGreaterThan(count / 50);
    expect(idsOf(['setAside']).length).toBeGreaterThan(count / 2);
  });

  it('what is set aside is there as it was sent, with a reason and a description without a word of it', () => {
    expect(rejected.map(({ messageId }) => originalId(messageId)).sort()).toEqual(idsOf(['setAside']));
    const sentById = new Map(sent.map(({ message }) => [message.messageId, message]));
    for (const { messageId, body, contentType, applicationProperties = {} } of rejected) {
      const original = sentById.get(originalId(messageId));
      const { bodyCutOff } = applicationProperties;
      expect(
        Buffer.from(body).equals(original?.body.subarray(0, bodyCutOff ? 60_000 : undefined) ?? none),
      ).toBe(true);
      expect(contentType).toBe(bodyCutOff ? undefined : original?.contentType);
      expectOwnWords(applicationProperties);
    }
  });

  it('what is denied is told with the rule', async () => {
    const denied = records.flatMap((record) => (record.result === 'denied' ? [record] : []));
    for (const { rule } of denied) expect(Object.keys(rules)).toContain(rule);
    const told = () => messages.events.filter(({ type }) => type === 'keyturn.token.request-denied');
    await messages.until('the denials', () => told().length >= denied.length);
    expect(told().length).toBe(denied.length);
  });

  it('none holds up the good ones among them', async () => {
    for (const index of good.keys()) {
      const token = `team-good-${index}`;
      await messages.event('keyturn.token.provisioned', token);
      expect(await service.logIn(token)).toBe(200);
    }
    expect(idsOf(['accepted'])).toEqual(good.map(({ message }) => message.messageId));
  });

  it('none stays in an entrance or in a dead-letter queue', async () => {
    const held = (await service.control.heldMessages()) as HeldMessage[];
    const stuck = held.filter(({ entity }) => entity.startsWith('token-requests'));
    expect(stuck.map(({ entity, messageId }) => `${entity} ${messageId}`)).toEqual([]);
    expect(held.filter(({ entity }) => entity.endsWith('$DeadLetterQueue'))).toEqual([]);
  });

  it('none ends a process or makes an error in its log', () => {
    expect(service.hosts).toHaveLength(1);
    expect(service.hosts[0]?.processId).toBe(processId);
    expect(() => process.kill(processId ?? 0, 0)).not.toThrow();
    expect(errorsOf(service.hosts[0]?.errors ?? '')).toEqual([]);
    const lines = service.hosts[0]?.log.lines ?? [];
    const worrying = lines.filter(({ level }) => !['information', 'debug', 'trace'].includes(level));
    // What is denied is an alert, and alerts are in the log.
    expect(worrying.filter(({ message }) => !message.startsWith('{"record":"alert"'))).toEqual([]);
    expect(lines.filter(({ message }) => message.startsWith('Host started'))).toHaveLength(1);
  });
});

/** One client of Azure warns, when it is made, of how it uses another. */
function errorsOf(errors: string): string[] {
  const warning = 'azure:core-client:warning The baseUri option for SDK Clients has been deprecated';
  return errors.split('\n').filter((line) => line !== '' && !line.startsWith(warning));
}

/** A sender may claim that a message is a copy of another one. */
function originalId(messageId: unknown): string {
  return String(messageId).replace(/-forged$/, '');
}

/** A description is made of our own words, paths and codes. */
function expectOwnWords({ rejectionReason, rejectionDescription }: Record<string, unknown>): void {
  expect(Object.keys(rejectionReasons)).toContain(rejectionReason);
  const description = String(rejectionDescription);
  expect(description).not.toContain(canary);
  const [text, details] = description.split(': ');
  expect(text).toBe(rejectionReasons[rejectionReason as keyof typeof rejectionReasons]);
  for (const problem of details?.split('; ') ?? [])
    expect(problem).toMatch(
      new RegExp(`^([\\w.*[\\]]+ (${Object.keys(violations).join('|')})|and \\d+ more)$`),
    );
}
