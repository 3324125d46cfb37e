import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EventType } from '../../../src/contracts/events.ts';
import { RunningService } from '../running-service.ts';
import { Deliveries } from './deliveries.ts';
import type { Asked } from './example-commands.ts';
import * as examples from './example-commands.ts';
import { withQuickVault } from './quick-vault.ts';
import { RegistryContents } from './registry-contents.ts';
import { causeOf, Requester } from './requester.ts';
import { tokenStanding } from './token-standing.ts';

vi.setConfig({ testTimeout: 120_000 });

const queue = 'token-requests';
const { addShop, disable, enable, erase, otherRequest, reinstate, removeShop, request, revoke, rotate } =
  examples;
let service: RunningService;
let requester: Requester;
let registry: RegistryContents;
let deliveries: Deliveries;

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

async function carryOut(token: string, commands: readonly Asked[]): Promise<void> {
  for (const [type, data] of commands) expect(await requester.ask(type, token, data)).toBe('done');
}

/** How many events of a type name a command as their cause. */
function toldOf(event: EventType, id: string): number {
  return requester.messages.events.filter(({ type, data }) => type === event && causeOf(data) === id).length;
}

interface Repeated {
  readonly command: Asked;
  readonly before: readonly Asked[];
  readonly event: EventType;
  /** What changes the token once more before the late copies come. */
  readonly after: readonly Asked[];
  readonly status: string;
}

const repeated: Readonly<Record<string, Repeated>> = {
  'team-request': {
    command: request,
    before: [],
    event: 'keyturn.token.provisioned',
    after: [erase],
    status: 'deleted',
  },
  'team-rotate': {
    command: rotate,
    before: [request],
    event: 'keyturn.token.rotated',
    after: [disable],
    status: 'disabled',
  },
  'team-access': {
    command: addShop,
    before: [request],
    event: 'keyturn.token.access-updated',
    after: [removeShop],
    status: 'active',
  },
  'team-disable': {
    command: disable,
    before: [request],
    event: 'keyturn.token.disabled',
    after: [enable],
    status: 'active',
  },
  'team-enable': {
    command: enable,
    before: [request, disable],
    event: 'keyturn.token.enabled',
    after: [disable],
    status: 'disabled',
  },
  'team-erase': {
    command: erase,
    before: [request],
    event: 'keyturn.token.deleted',
    after: [request],
    status: 'active',
  },
  'team-revoke': {
    command: revoke,
    before: [request],
    event: 'keyturn.token.revoked',
    after: [reinstate],
    status: 'active',
  },
  'team-reinstate': {
    command: reinstate,
    before: [request, revoke],
    event: 'keyturn.token.reinstated',
    after: [revoke],
    status: 'revoked',
  },
};

describe.concurrent('a command that comes many times', () => {
  it.each(Object.keys(repeated))('has one effect, also when copies come late: %s', async (token) => {
    const { command: asked, before, event, after, status } = repeated[token] ?? neverListed(token);
    await carryOut(token, before);
    const place = await deliveries.placeNow();
    const command = await requester.command(asked[0], token, asked[1]);
    const taken = await Promise.all([
      deliveries.repeat(queue, command, 3),
      deliveries.copy(queue, command, place, 2),
    ]);
    expect(taken.flat().sort()).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate', 'duplicate']);
    const outcome = await requester.outcome(command);
    expect(outcome.status).toBe('done');
    await requester.event(event, token, ({ data }) => causeOf(data) === command.id);

    await carryOut(token, after);
    const standing = await standingOf(token);
    expect(standing.record).toMatchObject({ status });
    const late = [
      ...(await deliveries.repeat(queue, command, 2)),
      ...(await deliveries.copy(queue, command, place)),
    ];
    expect(late).toEqual(['duplicate', 'duplicate', 'duplicate']);
    const squatting = { ...command, data: { ...command.data, owner: 'team-other' } };
    expect(await deliveries.repeat(queue, squatting, 1)).toEqual(['setAside']);
    const [type, data] = removeShop;
    await requester.ask(type, token, data);
    expect(await standingOf(token)).toEqual(standing);
    expect([toldOf(event, command.id), await requester.outcome(command)]).toEqual([1, outcome]);
  });
});

it('a command with the id of another and other content is set aside', async () => {
  const reasons: unknown[] = [];
  await vi.waitFor(
    async () => {
      const some = await requester.messages.takeRejected(Object.keys(repeated).length);
      reasons.push(...some.map(({ applicationProperties }) => applicationProperties?.rejectionReason));
      expect(reasons).toEqual(Object.keys(repeated).map(() => 'duplicateIdDifferentContent'));
    },
    { timeout: 60_000 },
  );
});

interface Overtaken {
  readonly before: readonly Asked[];
  readonly older: Asked;
  readonly newer: Asked;
  readonly outcome: string;
  readonly status: string;
}

const overtaken: Readonly<Record<string, Overtaken>> = {
  'team-late-request': {
    before: [request],
    older: request,
    newer: otherRequest,
    outcome: 'superseded',
    status: 'active',
  },
  'team-late-maker': {
    before: [request],
    older: request,
    newer: erase,
    outcome: 'superseded',
    status: 'deleted',
  },
  'team-late-access': {
    before: [request],
    older: removeShop,
    newer: addShop,
    outcome: 'superseded',
    status: 'active',
  },
  'team-late-rotate': {
    before: [request],
    older: rotate,
    newer: rotate,
    outcome: 'superseded',
    status: 'active',
  },
  'team-late-enable': {
    before: [request],
    older: enable,
    newer: disable,
    outcome: 'superseded',
    status: 'disabled',
  },
  'team-late-reinstate': {
    before: [request, revoke],
    older: reinstate,
    newer: revoke,
    outcome: 'superseded',
    status: 'revoked',
  },
  'team-late-disable': {
    before: [request, disable],
    older: disable,
    newer: enable,
    outcome: 'done',
    status: 'disabled',
  },
  'team-late-erase': { before: [request], older: erase, newer: request, outcome: 'done', status: 'deleted' },
  'team-late-revoke': {
    before: [request, revoke],
    older: revoke,
    newer: reinstate,
    outcome: 'done',
    status: 'revoked',
  },
};

describe.concurrent('a command that was overtaken by a newer one', () => {
  it.each(Object.keys(overtaken))('undoes nothing, unless it ends something: %s', async (token) => {
    const { before, older, newer, outcome, status } = overtaken[token] ?? neverListed(token);
    await carryOut(token, before);
    const place = await deliveries.placeNow();
    const late = await requester.command(older[0], token, older[1]);
    await carryOut(token, [newer]);
    const standing = await standingOf(token);
    expect(await deliveries.copy(queue, late, place, 2)).toEqual(expect.arrayContaining(['accepted']));
    expect((await requester.outcome(late)).status).toBe(outcome);
    expect(await requester.state(token)).toMatchObject({ status });
    if (outcome === 'superseded') expect(await standingOf(token)).toEqual(standing);
  });
});

function neverListed(token: string): never {
  throw new Error(`Nothing is listed for ${token}.`);
}

/** Without the marks of what was applied, which a command that changes nothing sets as well. */
async function standingOf(token: string) {
  const { record, ...standing } = await tokenStanding(token, { service, requester, registry });
  return { ...standing, record: { ...record, applied: undefined } };
}
