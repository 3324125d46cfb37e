import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PartName } from '../../infra/local/control/parts.ts';
import { Requester } from './commands/requester.ts';
import { RunningService } from './running-service.ts';

const tokens = Array.from({ length: 8 }, (_, index) => `team-counted-${index}`);
const access = { repositories: { 'teams/web': ['content/read'] } };

let service: RunningService;
let requester: Requester;

beforeAll(async () => {
  service = await RunningService.start({ registrySettings: { pollsUntilDone: 1, replicationSeconds: 0 } });
  requester = await Requester.open(service);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

const counted = ['resource-manager', 'login-server', 'key-vault', 'storage', 'service-bus'] as const;
type Calls = Readonly<Record<(typeof counted)[number], number>>;

/** What a message costs: one to send, one to hand out, and one to settle it. */
const billed = /^(send|deliver|complete|abandon|deadLetter) /;

/** How often each service was asked for each of the tokens while something was done, on average. */
async function callsPerToken(act: () => Promise<unknown>): Promise<Calls> {
  const before = (await service.control.requests()).at(-1)?.sequence ?? 0;
  await act();
  const requests = await service.control.requests({ after: before });
  const count = (part: PartName) =>
    requests.filter(
      (request) => request.part === part && (part !== 'service-bus' || billed.test(request.request)),
    ).length;
  return Object.fromEntries(counted.map((part) => [part, count(part) / tokens.length])) as Calls;
}

/** The row of docs/deploy.md that tells the calls of some work. */
function documented(work: string): Calls {
  const row = new RegExp(`^\\| ${work} \\|([^\\n]*)\\|$`, 'm').exec(readFileSync('docs/deploy.md', 'utf8'));
  const cells = (row?.[1] ?? '').split('|').map(Number);
  return Object.fromEntries(counted.map((part, index) => [part, cells[index] ?? Number.NaN])) as Calls;
}

/**
 * About as many as documented: what runs at the same time shares some, and on a busy machine some are repeated.
 */
function expectAsDocumented(calls: Calls, work: string): void {
  const expected = documented(work);
  for (const part of counted) {
    expect(calls[part], part).toBeLessThanOrEqual(expected[part] * 1.25 + 1);
    expect(calls[part], part).toBeGreaterThanOrEqual(expected[part] * 0.6 - 2);
  }
}

describe('the calls that a token costs', () => {
  it('are as documented for making it with a scope map of its own', async () => {
    const calls = await callsPerToken(() =>
      Promise.all(
        tokens.map((token) =>
          requester.causeEvent('keyturn.token.provisioned', 'keyturn.token.requested', token, {
            owner: 'team-web',
            access,
          }),
        ),
      ),
    );
    expectAsDocumented(calls, 'a token made, with a scope map of its own');
  }, 120_000);

  it('are as documented for rotating it', async () => {
    const calls = await callsPerToken(() =>
      Promise.all(
        tokens.map((token) =>
          requester.causeEvent('keyturn.token.rotated', 'keyturn.token.rotation-requested', token),
        ),
      ),
    );
    expectAsDocumented(calls, 'a rotation');
  }, 120_000);

  it('are as documented for deleting it', async () => {
    const calls = await callsPerToken(() =>
      Promise.all(
        tokens.map((token) =>
          requester.causeEvent('keyturn.token.deleted', 'keyturn.token.deletion-requested', token, {
            reason: 'counted',
          }),
        ),
      ),
    );
    expectAsDocumented(calls, 'a deletion');
  }, 120_000);
});
