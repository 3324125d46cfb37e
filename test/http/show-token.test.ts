import { beforeEach, describe, expect, it } from 'vitest';
import type { Drift } from '../../src/contracts/event-data.ts';
import type { HistoryEntry } from '../../src/lifecycle/settlement.ts';
import type { TokenState } from '../../src/lifecycle/state.ts';
import { active, at, credential, day, hour, identity, managed } from '../lifecycle/build.ts';
import { HttpSetting } from './http-setting.ts';

let setting: HttpSetting;

beforeEach(() => {
  setting = new HttpSetting();
});

interface Shown {
  readonly status: string;
  readonly credentials: readonly object[];
  readonly history: {
    readonly entries: readonly { plan: number; at: string }[];
    readonly continuation?: string;
  };
  readonly [field: string]: unknown;
}

async function show(path = 'tokens/contoso/team-web'): Promise<Shown> {
  const { status, body } = await setting.ask(path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Shown;
}

const putHistory = (...plans: readonly number[]) => {
  const entries = plans.map(
    (plan, index): HistoryEntry => ({
      ...{ at: at(-index * hour), plan, work: 'rotate', result: 'done', incarnation: 1, generation: plan },
    }),
  );
  setting.records.of(identity).history.push(...entries);
};

describe('a token', () => {
  it('is shown with its passwords by slot, which one is published, and when the next one comes', async () => {
    const second = credential(60 * day, { slot: 'password2', generation: 2, secretVersion: 'version2' });
    const first = credential(0, { supersededAt: at(60 * day) });
    setting.records.put(
      active({ credentials: { password1: first, password2: second }, published: 'password2', generation: 2 }),
    );
    const shown = await show();
    expect(shown).toMatchObject({
      ...identity,
      status: 'active',
      entrance: 'token-requests',
      owner: 'team-web',
      nextRotation: expect.stringMatching(/^2026-06-/),
    });
    expect(shown.credentials).toMatchObject([
      { slot: 'password1', published: false, generation: 1, supersededAt: at(60 * day) },
      {
        slot: 'password2',
        published: true,
        generation: 2,
        secretVersion: 'version2',
        issuedAt: at(60 * day),
      },
    ]);
  });

  it.each<[status: string, state: TokenState, expected: object]>([
    [
      'provisioning',
      {
        ...active(),
        status: 'provisioning',
        since: at(0),
        credentials: {},
        command: {
          key: 'k',
          type: 'keyturn.token.requested',
          entrance: 'token-requests',
          source: '/form',
          id: '1',
          enqueuedAt: at(0),
          sequenceNumber: '1',
        },
      },
      { credentials: [], since: at(0) },
    ],
    ['disabled', { ...active(), status: 'disabled', since: at(hour) }, { since: at(hour) }],
    ['expired', { ...active(), status: 'expired', since: at(hour) }, { since: at(hour) }],
    ['deleted', { ...active(), status: 'deleted', since: at(hour) }, { since: at(hour) }],
    [
      'revoked',
      { ...active(), status: 'revoked', since: at(hour), exposureUntil: at(4 * hour), removed: false },
      { exposureUntil: at(4 * hour) },
    ],
  ])('is shown in status %s, where nothing rotates', async (status, state, expected) => {
    setting.records.put(state);
    const shown = await show();
    expect(shown).toMatchObject({ status, ...expected });
    expect(shown).not.toHaveProperty('nextRotation');
  });

  it('is shown with what keeps it from going on', async () => {
    const failure = { since: at(0), attempts: 3, code: 'throttled', retryAt: at(hour) };
    const parked = { since: at(0), work: 'rotate', code: 'accessDenied', toDo: 'Grant the role.' };
    setting.records.put(active({ failures: { rotate: failure }, parked, lookAt: at(hour) }));
    expect(await show()).toMatchObject({
      failures: [{ work: 'rotate', ...failure }],
      parked,
      lookAt: at(hour),
    });
  });

  it('is shown with what is wrong with it, and with an adoption that is under way', async () => {
    const drift: Drift = {
      ...{ finding: 'secretMissing', since: at(0), deadline: at(hour), cause: 'unknown', evidence: [] },
      differences: [{ what: 'secret', believed: 'present', found: 'absent' }],
      ...{ noticedBy: 'reconcile', done: 'nothing', next: { action: 'restore', at: at(hour) } },
    };
    const findings = { secretMissing: { severity: 'critical' as const, drift } };
    setting.records.put(active({ findings, adoption: { command: 'key', slot: 'password2' } }));
    expect(await show()).toMatchObject({
      findings: [{ severity: 'critical', ...drift }],
      adoption: { command: 'key', slot: 'password2' },
    });
  });

  it('is shown field by field: nothing that its record may hold one day goes out by itself', async () => {
    const state = active({ managed: { ...managed(), password: 'hunter2' } as ReturnType<typeof managed> });
    setting.records.put({ ...state, password: 'hunter2' } as TokenState);
    expect(JSON.stringify(await show())).not.toContain('hunter2');
  });

  it('is found whatever the case of its name', async () => {
    setting.records.put(active());
    expect(await show('tokens/Contoso/TEAM-web')).toMatchObject({ registry: 'contoso', token: 'team-web' });
  });
});

describe('a token is answered as one that does not exist', () => {
  const notFound = { status: 404, body: { code: 'tokenNotFound' } };

  it.each([
    ['of another name', 'tokens/contoso/team-shop'],
    ['of a name that no token can have', 'tokens/contoso/a'],
    ['of a registry that is not configured', 'tokens/northwind/team-web'],
    ['of another registry', 'tokens/fabrikam/team-web'],
    ['of a name with a quote', "tokens/contoso/team'web"],
  ])('%s', async (_sentence, path) => {
    setting.records.put(active());
    expect(await setting.ask(path)).toMatchObject(notFound);
  });

  it('of an entrance that the caller does not see, in the same words', async () => {
    setting.records.put(active());
    const missing = await setting.ask('tokens/contoso/team-shop');
    setting.http = { authentication: 'functionKey', entrances: ['token-requests-partners'] };
    expect(await setting.ask('tokens/contoso/team-web')).toEqual(missing);
  });

  it('that was only asked for, and never made', async () => {
    const { managed: _managed, credentials: _credentials, published: _published, ...rest } = active();
    setting.records.put({ ...rest, status: 'none' } as TokenState);
    expect(await setting.ask('tokens/contoso/team-web')).toMatchObject(notFound);
  });
});

describe('the history of a token', () => {
  beforeEach(() => setting.records.put(active()));

  it.each([1, 2, 3, 4, 6, 7, 200])(
    'comes in pages of %d, newest first, each entry once',
    async (pageSize) => {
      putHistory(9, 8, 7, 7, 7, 4, 1);
      const seen: string[] = [];
      let next = '';
      for (let page = 0; page < 10; page += 1) {
        const { history } = await show(`tokens/contoso/team-web?pageSize=${pageSize}${next}`);
        expect(history.entries.length).toBeLessThanOrEqual(pageSize);
        seen.push(...history.entries.map(({ at: time }) => time));
        if (history.continuation === undefined) break;
        expect(history.entries.length).toBe(pageSize);
        next = `&continuation=${history.continuation}`;
      }
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map((hours) => at(-hours * hour)));
    },
  );

  it('goes on where it was although new entries came', async () => {
    putHistory(3, 2, 1);
    const { history } = await show('tokens/contoso/team-web?pageSize=2');
    setting.records.of(identity).history.unshift({
      ...{ at: at(hour), plan: 4, work: 'rotate', result: 'done', incarnation: 1, generation: 4 },
    });
    const second = await show(`tokens/contoso/team-web?continuation=${history.continuation}`);
    expect(second.history.entries.map(({ plan }) => plan)).toEqual([1]);
  });

  it('does not go on with the continuation of another token', async () => {
    putHistory(3, 2, 1);
    const { history } = await show('tokens/contoso/team-web?pageSize=2');
    setting.records.put(active({ identity: { ...identity, token: 'team-shop' } }));
    expect(await setting.ask(`tokens/contoso/team-shop?continuation=${history.continuation}`)).toMatchObject({
      status: 400,
      body: { errors: [{ code: 'invalidContinuation' }] },
    });
  });
});
