import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { problems } from '../../src/http/problems.ts';
import { parameterRules } from '../../src/http/read-query.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { repetitions } from '../counts.ts';
import { active, at, minute } from '../lifecycle/build.ts';
import { HttpSetting, principalHeader, tenantId } from './http-setting.ts';

let setting: HttpSetting;

beforeEach(() => {
  setting = new HttpSetting();
});

const key = 'a'.repeat(64);
const paths = ['tokens', 'tokens/contoso/team-web', `requests/token-requests/${key}`];

/** Ports on which every read fails alike. */
function failing(error: unknown) {
  const fail = () => Promise.reject(error);
  return {
    inventory: { listRows: fail },
    records: { readState: fail, readHistory: fail, readCommand: fail },
    requests: { findRequest: fail },
  };
}

const failure = (details: { code: 'unavailable' | 'throttled' | 'accessDenied'; retryAt?: string }) =>
  new ServiceFailure({ service: 'records', operation: 'readState', ...details });

describe('when the records cannot be read', () => {
  it.each(paths)('%s is answered with 503 and when to ask again', async (path) => {
    const answer = await setting.ask(path, {}, failing(failure({ code: 'unavailable' })));
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '30', 'content-type': 'application/problem+json' },
      body: { code: 'recordsUnavailable' },
    });
    expect(setting.troubles).toEqual([{ what: 'records readState: unavailable' }]);
  });

  it('the moment that the storage asked for is passed on', async () => {
    const throttled = failure({ code: 'throttled', retryAt: at(2 * minute) });
    expect(await setting.ask('tokens', {}, failing(throttled))).toMatchObject({
      headers: { 'retry-after': '120' },
    });
    setting.clock.time += 10 * minute;
    expect(await setting.ask('tokens', {}, failing(throttled))).toMatchObject({
      headers: { 'retry-after': '1' },
    });
  });

  it('the health says so, and why', async () => {
    expect(await setting.ask('health')).toMatchObject({
      status: 200,
      body: { status: 'ok', records: 'reachable' },
    });
    expect(await setting.ask('health', {}, failing(failure({ code: 'accessDenied' })))).toMatchObject({
      status: 503,
      body: { status: 'unavailable', records: 'unreachable', code: 'accessDenied' },
    });
  });

  it('the health does not wait for ever', async () => {
    const hanging = () => new Promise<never>(() => undefined);
    const records = { readState: hanging, readHistory: hanging, readCommand: hanging };
    const pauses: number[] = [];
    const pause = async (milliseconds: number) => void pauses.push(milliseconds);
    expect(await setting.ask('health', {}, { records, pause })).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    });
    expect(pauses).toEqual([5_000]);
  });
});

describe('an error that nobody thought of', () => {
  it.each([...paths, 'health'])('is told of %s without its words, which may hold anything', async (path) => {
    const answer = await setting.ask(path, {}, failing(new TypeError('hunter2')));
    expect([500, 503]).toContain(answer.status);
    expect(JSON.stringify([answer, setting.troubles])).not.toContain('hunter2');
    expect(setting.troubles).toMatchObject([{ what: 'TypeError' }]);
  });
});

/** Text as it may stand in a URL, with what could mean something to somebody on the way. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    "'",
    "' or '1' eq '1",
    '..',
    '%',
    '\0',
    '__proto__',
    'constructor',
    'P7D',
    'active',
    'contoso',
    '',
  ),
  fc.base64String({ maxLength: 60 }).map((part) => part.replace(/[+/=]/g, '')),
  fc.json({ maxDepth: 2 }).map((json) => Buffer.from(json).toString('base64url')),
);
const parameter = fc.oneof(
  fc.constantFrom(
    'registry',
    'status',
    'expiringWithin',
    'expiresBefore',
    'pageSize',
    'continuation',
    'code',
  ),
  text,
);
const anyPath = fc.oneof(
  fc.constantFrom('tokens', 'health', ...paths),
  fc.tuple(text, text).map((parts) => `tokens/${parts.map(encoded).join('/')}`),
  fc.tuple(text, fc.oneof(text, fc.constant(key))).map((parts) => `requests/${parts.map(encoded).join('/')}`),
);

function encoded(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}

describe('whatever is asked', () => {
  const runs = { numRuns: repetitions({ quick: 1_000, soak: 20_000 }) };
  const codes = [...Object.keys(problems), undefined];
  const rules = Object.keys(parameterRules);

  it('is answered, or refused with a clear text and never an error of ours', async () => {
    setting.records.put(active());
    await setting.addRow('team-web');
    const query = fc.array(fc.tuple(parameter, text), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyPath, query, async (path, pairs) => {
        const search = pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
        const { status, body } = await setting.ask(`${path}?${search}`);
        expect([200, 400, 404]).toContain(status);
        const { code, errors = [] } = body as { code?: string; errors?: { code: string }[] };
        expect(codes).toContain(code);
        for (const error of errors) expect(rules).toContain(error.code);
        expect(setting.troubles).toEqual([]);
      }),
      runs,
    );
  });

  it('and whoever claims to ask', async () => {
    setting.http = {
      authentication: 'appService',
      tenantId,
      readers: [{ role: 'Tokens.Read', entrances: 'all' }],
    };
    const header = fc.oneof(
      text,
      fc.json().map((json) => Buffer.from(json).toString('base64')),
      fc.array(fc.tuple(text, text)).map((claims) => principalHeader(claims)['x-ms-client-principal'] ?? ''),
    );
    await fc.assert(
      fc.asyncProperty(header, async (value) => {
        const { status } = await setting.ask('tokens', { 'x-ms-client-principal': value });
        expect([401, 403]).toContain(status);
        expect(setting.troubles).toEqual([]);
      }),
      runs,
    );
  });

  it('shows the tokens of an entrance only to those who see it', async () => {
    const entrances = ['one', 'two', 'three'].map((name) => `entrance-${name}`);
    const tokens = fc.array(fc.constantFrom(...entrances), { maxLength: 12 });
    const seen = fc.subarray(entrances, { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(tokens, seen, fc.integer({ min: 1, max: 5 }), async (owners, visible, pageSize) => {
        const own = new HttpSetting();
        for (const [index, entrance] of owners.entries()) await own.addRow(`token-${index}`, { entrance });
        own.http = { authentication: 'functionKey', entrances: visible };
        const listed: string[] = [];
        let next = '';
        do {
          const { body } = await own.ask(`tokens?pageSize=${pageSize}${next}`);
          const page = body as { tokens: { entrance: string }[]; continuation?: string };
          listed.push(...page.tokens.map(({ entrance }) => entrance));
          next = page.continuation === undefined ? '' : `&continuation=${page.continuation}`;
        } while (next !== '');
        expect(listed.sort()).toEqual(owners.filter((entrance) => visible.includes(entrance)).sort());
      }),
    );
  });
});
