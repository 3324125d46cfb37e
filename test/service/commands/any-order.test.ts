import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { CommandType } from '../../../src/contracts/commands.ts';
import { repetitions } from '../../counts.ts';
import type { SentCommand } from '../messages.ts';
import { RunningService } from '../running-service.ts';
import { Deliveries } from './deliveries.ts';
import { withQuickVault } from './quick-vault.ts';
import { RegistryContents } from './registry-contents.ts';
import { causeOf, Requester, teamRequest } from './requester.ts';
import { tokenStanding } from './token-standing.ts';

vi.setConfig({ testTimeout: repetitions({ quick: 240_000, soak: 3_600_000 }) });

const queue = 'token-requests';
const because = { reason: 'A test' };
const shop = { 'teams/shop': ['content/read'] };

const possible: readonly (readonly [CommandType, Readonly<Record<string, unknown>>])[] = [
  ['keyturn.token.requested', teamRequest()],
  ['keyturn.token.requested', teamRequest(shop)],
  ['keyturn.token.rotation-requested', {}],
  ['keyturn.token.rotation-requested', { compromised: true, previousValidFor: 'PT0S' }],
  ['keyturn.token.access-changed', { access: { added: shop } }],
  ['keyturn.token.access-changed', { access: { removed: shop } }],
  ['keyturn.token.disable-requested', because],
  ['keyturn.token.enable-requested', because],
  ['keyturn.token.revocation-requested', because],
  ['keyturn.token.reinstatement-requested', because],
  ['keyturn.token.deletion-requested', because],
];

/** What is sent about one token: the first request, then anything, some of it more than once and out of turn. */
const script = fc.record({
  commands: fc.array(fc.nat({ max: possible.length - 1 }), { minLength: 6, maxLength: 10 }),
  repeats: fc.array(fc.nat({ max: 9 }), { minLength: 3, maxLength: 6 }),
  places: fc.array(fc.nat({ max: 15 }), { minLength: 3, maxLength: 6 }),
});

let service: RunningService;
let requester: Requester;
let registry: RegistryContents;
let deliveries: Deliveries;
let tokens = 0;

beforeAll(async () => {
  service = await RunningService.start({ changeCloud: withQuickVault });
  requester = await Requester.open(service);
  registry = await RegistryContents.open(service);
  deliveries = new Deliveries(service, requester);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

async function commandsOf(token: string, choices: readonly number[]): Promise<SentCommand[]> {
  const pairs = [0, ...choices].flatMap((choice) => {
    const pair = possible[choice];
    return pair ? [pair] : [];
  });
  return Promise.all(pairs.map(([type, data]) => requester.command(type, token, data)));
}

/** The messages in the order in which they are sent: each command in its turn, and repeats of some anywhere. */
function shuffled(commands: readonly SentCommand[], repeats: readonly number[], places: readonly number[]) {
  const messages = [...commands];
  repeats.forEach((repeat, index) => {
    const command = commands[repeat % commands.length];
    if (command) messages.splice((places[index] ?? 0) % (messages.length + 1), 0, command);
  });
  return messages;
}

async function expectPromisesKept(token: string, commands: readonly SentCommand[]): Promise<void> {
  const outcomes = await Promise.all(commands.map((command) => requester.outcome(command)));
  const standing = await tokenStanding(token, { service, requester, registry });
  const place = await deliveries.placeNow();
  const late = await Promise.all(commands.map((command) => deliveries.copy(queue, command, place)));
  expect(late.flat()).toEqual(commands.map(() => 'duplicate'));
  expect(await Promise.all(commands.map((command) => requester.outcome(command)))).toEqual(outcomes);
  expect(await tokenStanding(token, { service, requester, registry })).toEqual(standing);

  const status = (await requester.state(token))?.status;
  expect(standing.token?.status ?? 'gone').toBe(statusInRegistry(status, standing.token !== undefined));
  if (status === 'active') expect(await service.logIn(token)).toBe(200);
  const causes = requester.messages.events
    .filter(({ data }) => data.token === token)
    .map(({ type, data }) => `${type} ${causeOf(data)}`);
  expect(causes).toEqual([...new Set(causes)]);
}

function statusInRegistry(status: string | undefined, isThere: boolean): string {
  if (status === 'active') return 'enabled';
  if (status === 'disabled' || (status === 'revoked' && isThere)) return 'disabled';
  return 'gone';
}

it('whatever commands come, how often and in whatever order: each ends once, and its effect is one', async () => {
  const runs = repetitions({ quick: 1, soak: 40 });
  const property = fc.asyncProperty(fc.array(script, { minLength: 4, maxLength: 4 }), (scripts) =>
    Promise.all(
      scripts.map(async ({ commands: choices, repeats, places }) => {
        tokens += 1;
        const token = `team-any-${tokens}`;
        const commands = await commandsOf(token, choices);
        const messages = shuffled(commands, repeats, places);
        for (const message of messages) await requester.messages.send(queue, message);
        await expectPromisesKept(token, commands);
      }),
    ).then(() => undefined),
  );
  await fc.assert(property, { numRuns: runs, endOnFailure: true });
});
