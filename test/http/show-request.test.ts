import { beforeEach, describe, expect, it } from 'vitest';
import { commandKey } from '../../src/contracts/command-key.ts';
import type { CommandOutcome } from '../../src/lifecycle/settlement.ts';
import { accepted, eventAbout } from '../adapters/build-records.ts';
import { at, hour, identity, start } from '../lifecycle/build.ts';
import { HttpSetting } from './http-setting.ts';

const entrance = 'token-requests';
const key = commandKey(entrance, { source: '/self-service/form', id: '42' });

let setting: HttpSetting;

beforeEach(async () => {
  setting = new HttpSetting();
  await setting.requests.addRequest({ entrance, key, token: identity, enqueuedAt: start });
  await setting.records.insertCommand(identity, accepted(key));
});

const ask = () => setting.ask(`requests/${entrance}/${key}`);

describe('a request', () => {
  it('is pending until it has an outcome', async () => {
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      key,
      entrance,
      type: 'keyturn.token.disable-requested',
      registry: 'contoso',
      token: 'team-web',
      acceptedAt: start,
      status: 'pending',
    });
    expect(Object.keys(body)).not.toContain('at');
  });

  it.each<[sentence: string, outcome: Omit<CommandOutcome, 'key'>]>([
    ['done', { status: 'done', at: at(hour) }],
    ['denied by a rule', { status: 'denied', at: at(hour), code: 'ownerNotAllowed', detail: 'team-shop' }],
    ['superseded', { status: 'superseded', at: at(hour) }],
    [
      'deferred until a moment',
      { status: 'deferred', at: at(hour), code: 'noSlotFree', until: at(9 * hour) },
    ],
    ['deferred until something happens', { status: 'deferred', at: at(hour), code: 'tokenDisabled' }],
    ['failed', { status: 'failed', at: at(hour), code: 'accessDenied', detail: 'Grant the role.' }],
  ])('is %s, as its outcome says', async (_sentence, outcome) => {
    const ended = commandKey(entrance, { source: '/self-service/form', id: outcome.status });
    const event = eventAbout(identity, ended);
    await setting.requests.addRequest({ entrance, key: ended, token: identity, enqueuedAt: start });
    await setting.records.insertDenied(identity, accepted(ended), { key: ended, ...outcome }, event);
    const { body } = await setting.ask(`requests/${entrance}/${ended}`);
    expect(body).toMatchObject(outcome);
    expect(body).not.toHaveProperty('digest');
  });

  it('is found whatever the case of its key', async () => {
    expect(await setting.ask(`requests/${entrance}/${key.toUpperCase()}`)).toMatchObject({ status: 200 });
  });
});

describe('a request is not found', () => {
  const notFound = { status: 404, body: { code: 'requestNotFound' } };
  const other = commandKey(entrance, { source: '/self-service/form', id: '43' });

  it.each([
    ['under another key', `requests/${entrance}/${other}`],
    ['at another entrance', `requests/token-requests-partners/${key}`],
    ['at an entrance in capitals, since these are told apart', `requests/Token-requests/${key}`],
    ['at what cannot be an entrance', `requests/a'b/${key}`],
  ])('%s', async (_sentence, path) => {
    expect(await setting.ask(path)).toMatchObject(notFound);
  });

  it('at an entrance that the caller does not see, in the same words', async () => {
    const missing = await setting.ask(`requests/${entrance}/${other}`);
    setting.http = { authentication: 'functionKey', entrances: ['token-requests-partners'] };
    expect(await ask()).toEqual(missing);
  });

  it('when the row under its key came by another entrance', async () => {
    await setting.requests.addRequest({ entrance, key: other, token: identity, enqueuedAt: start });
    await setting.records.insertCommand(identity, accepted(other, { entrance: 'token-requests-partners' }));
    expect(await setting.ask(`requests/${entrance}/${other}`)).toMatchObject(notFound);
  });

  it('when it is known where it was to go, and it never got there', async () => {
    await setting.requests.addRequest({ entrance, key: other, token: identity, enqueuedAt: start });
    expect(await setting.ask(`requests/${entrance}/${other}`)).toMatchObject(notFound);
  });
});

it.each(['42', `${key}0`, key.replace(/./, 'g')])(
  'what is no key is told from what is not found: %s',
  async (text) => {
    expect(await setting.ask(`requests/${entrance}/${text}`)).toMatchObject({
      status: 400,
      body: { code: 'invalidKey' },
    });
  },
);
