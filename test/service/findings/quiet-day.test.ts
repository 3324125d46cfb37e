import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CommandType } from '../../../src/contracts/commands.ts';
import { repetitions } from '../../counts.ts';
import { withQuickVault } from '../commands/quick-vault.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { RunningService } from '../running-service.ts';
import { driftOf } from './findings-of.ts';
import { Intruder } from './intruder.ts';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 180_000 });

const size = repetitions({ quick: 8, soak: 200 });

/** What Event Grid tells of who asked, and how it delivers. */
const tellings = [
  { clientRequestId: 'echoed', schema: 'event-grid', body: 'object' },
  { clientRequestId: 'replaced', schema: 'cloud-events', body: 'array' },
] as const;
/** The kinder one only in soak. */
const tried = tellings.slice(-repetitions({ quick: 1, soak: 2 }));

describe.each(tried)('while Azure reports with request ids $clientRequestId', (telling) => {
  let service: RunningService;
  let requester: Requester;

  beforeAll(async () => {
    service = await RunningService.start({
      changeCloud: withQuickVault,
      registrySettings: {
        writeLimit: { capacity: 5_000, refillPerSecond: 1_000 },
        readLimit: { capacity: 5_000, refillPerSecond: 1_000 },
      },
      changeConfiguration: ({ entrances }) => {
        for (const { policy } of Object.values(entrances)) policy.healing = { publishedDead: 'rotate' };
      },
    });
    requester = await Requester.open(service);
    await service.control.changeEventGridSettings({
      ...telling,
      duplicates: 0.3,
      late: { probability: 0.2, milliseconds: [500, 3_000] },
    });
  });
  afterAll(async () => {
    await requester?.messages.close();
    await service?.close();
  });

  /** Some at a time, so that none waits for long. */
  async function askAll(tokens: readonly string[], type: CommandType, data: object): Promise<void> {
    for (let from = 0; from < tokens.length; from += 25)
      await Promise.all(
        tokens.slice(from, from + 25).map((token) => requester.ask(type, token, { ...data })),
      );
  }

  it(`a day of Keyturn's own work on ${size} tokens raises nothing`, async () => {
    const tokens = Array.from({ length: size }, (_, index) => `team-quiet-${index}`);
    const each = (type: CommandType, data: object = {}) =>
      askAll(
        tokens.filter((_, index) => index % 4 < 3),
        type,
        data,
      );
    const all = (type: CommandType, data: object) => askAll(tokens, type, data);

    await all('keyturn.token.requested', teamRequest());
    await all('keyturn.token.rotation-requested', { compromised: true, previousValidFor: 'PT0S' });
    await each('keyturn.token.access-changed', { access: { added: { 'teams/api': ['content/read'] } } });
    await service.control.advance('PT6H');
    await each('keyturn.token.disable-requested', { reason: 'audit' });
    await each('keyturn.token.enable-requested', { reason: 'audit' });
    await service.control.advance('PT18H');
    await requester.ask('keyturn.token.revocation-requested', tokens[0] ?? '', { reason: 'stolen' });
    await requester.ask('keyturn.token.reinstatement-requested', tokens[0] ?? '', { reason: 'found' });
    await requester.ask('keyturn.token.deletion-requested', tokens[1] ?? '', { reason: 'gone' });
    await requester.ask('keyturn.token.requested', tokens[1] ?? '', teamRequest());
    await service.control.advance('P60D');
    await everythingRead(service);

    const raised = requester.messages.events.filter(({ type }) => type.includes('drift'));
    expect(raised).toEqual([]);
    const stopped = requester.messages.events.filter(({ data }) => 'drift' in data && data.drift);
    expect(stopped).toEqual([]);

    // And it was not for want of looking.
    const intruder = await Intruder.enter(service, 'administrator');
    await intruder.setStatus(tokens[2] ?? '', 'disabled');
    await requester.messages.until('what somebody else does', () =>
      requester.messages.events.some(
        (event) => event.data.token === tokens[2] && driftOf(event)?.finding === 'disabledOutOfBand',
      ),
    );
  });
});

/** Resolves when nothing waits in the queue of reports, and nothing has come for a while. */
async function everythingRead(service: RunningService): Promise<void> {
  const count = async () => {
    const held = (await service.control.heldMessages()) as readonly { readonly entity: string }[];
    return held.filter(({ entity }) => entity === 'registry-activity').length;
  };
  let quiet = 0;
  for (const end = Date.now() + 120_000; quiet < 20; await wait(250)) {
    if (Date.now() > end) throw new Error('Reports are still waiting after two minutes.');
    quiet = (await count()) === 0 ? quiet + 1 : 0;
  }
}
