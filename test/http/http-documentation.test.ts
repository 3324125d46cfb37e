import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandKey } from '../../src/contracts/command-key.ts';
import type { Drift } from '../../src/contracts/event-data.ts';
import { httpRoutes } from '../../src/http/http-routes.ts';
import { problems } from '../../src/http/problems.ts';
import { parameterRules } from '../../src/http/read-query.ts';
import { shownDrift } from '../../src/http/shown-drift.ts';
import { shownToken } from '../../src/http/shown-token.ts';
import type { StateOf } from '../../src/lifecycle/state.ts';
import { active, credential, managed } from '../lifecycle/build.ts';
import { documentedSetting } from './documented-setting.ts';
import { type HttpSetting, tenantId } from './http-setting.ts';

/** Its tables without padding. */
const documentation = readFileSync('docs/http.md', 'utf8').replace(/ +\|/g, ' |');
const examples = [...documentation.matchAll(/```http\nGET \/api\/(\S+)\n```\n.*?```json\n(.*?)```/gs)].map(
  ([, path = '', json = '']) => ({ path, json }),
);

let setting: HttpSetting;

beforeAll(async () => {
  setting = await documentedSetting();
});

describe('docs/http.md', () => {
  it.each(examples)('shows the answer to GET /api/$path as it is', async ({ path, json }) => {
    expect((await setting.ask(path)).body).toEqual(JSON.parse(json));
  });

  it('explains every field of a token, also those that few tokens have', async () => {
    for (const name of fieldsOf(shownToken(everything))) expect(documentation).toContain(`\`${name}\``);
  });

  it('explains every field of a finding, and of what is counted', async () => {
    for (const name of fieldsOf(shownDrift(anyDrift))) expect(documentation).toContain(`\`${name}\``);
    const { findings, ...summary } = Object((await setting.ask('summary')).body);
    for (const name of fieldsOf({ ...summary, findings: {} })) expect(documentation).toContain(`\`${name}\``);
  });

  it('has an example of every route', async () => {
    const shown = httpRoutes.filter(({ route }) => {
      const pattern = new RegExp(`^${route.replace(/\{\w+\}/g, '[^/?]+')}(\\?|$)`);
      return examples.some(({ path }) => pattern.test(path));
    });
    expect(shown).toEqual(httpRoutes);
    for (const { route } of httpRoutes) expect(documentation).toContain(`### \`GET /api/${route}\``);
  });

  it.each(Object.entries(problems))('lists the problem %s', (code, { status, title }) => {
    expect(documentation).toContain(`| \`${code}\` | ${status} | ${title} |`);
  });

  it.each(Object.entries(parameterRules))('lists the rule %s of a parameter', (rule, detail) => {
    expect(documentation).toContain(`| \`${rule}\` | ${detail} |`);
  });

  it('shows how a sender comes to the key of a command', () => {
    const [, text = ''] = /printf %s '([^']+)' \| sha256sum/.exec(documentation) ?? [];
    const [entrance, source, id, ...rest] = JSON.parse(text);
    const key = commandKey(entrance, { source, id });
    expect(rest).toEqual([]);
    expect(createHash('sha256').update(text).digest('hex')).toBe(key);
    expect(documentation).toContain(`GET /api/requests/${entrance}/${key}`);
  });
});

const moment = '2026-05-01T12:00:00.000Z';
const command = { key: 'key', type: 'type', entrance: 'entrance', source: 'source', id: 'id' };
const reference = { ...command, enqueuedAt: moment, sequenceNumber: '1' };

/** A finding with all that may be known of one. */
const anyDrift: Drift = {
  finding: 'publishedDead',
  ...{ since: moment, happenedAt: moment, deadline: moment },
  differences: [{ what: 'password1', believed: moment, found: moment }],
  actor: {
    ...{ kind: 'user', name: 'name', address: '203.0.113.7', correlationId: 'id' },
    ...{ objectId: tenantId, applicationId: tenantId },
  },
  ...{ cause: 'person', evidence: ['Because.'], noticedBy: 'report', done: 'failed', code: 'throttled' },
  next: { action: 'rotate', at: moment },
};

/** A token with whatever a record may hold, though hardly all at once. */
const everything: StateOf<'revoked'> = {
  ...active({ lookAt: moment }),
  status: 'revoked',
  since: moment,
  exposureUntil: moment,
  removed: false,
  managed: managed({ purpose: 'purpose', endOfLife: moment }),
  credentials: {
    password1: credential(0, { supersededAt: moment, retireAt: moment, retiredAt: moment }),
  },
  deferredRotation: { command: reference, compromised: false, notBefore: moment },
  revocation: {
    ...{ command: reference, since: moment, attempts: 1, ended: false },
    ...{ disabledAt: moment, secretOffAt: moment, regeneratedAt: moment },
  },
  adoption: { command: 'key', slot: 'password1' },
  findings: { publishedDead: { severity: 'critical', drift: anyDrift } },
  failures: { rotate: { since: moment, attempts: 1, code: 'throttled', retryAt: moment } },
  parked: { since: moment, work: 'rotate', code: 'accessDenied', toDo: 'Grant the role.' },
};

/** The names of all fields within, but for the names of repositories. */
function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    name,
    ...(name === 'repositories' ? [] : fieldsOf(inner)),
  ]);
}
