import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FleetCount } from '../../src/observability/fleet-record.ts';
import {
  type AlertRecord,
  credentialDeadlineRecord,
  type HeartbeatRecord,
} from '../../src/observability/watched-records.ts';
import type { InventoryRow } from '../../src/ports/inventory.ts';
import { textOf } from '../infra/bicep/values.ts';
import { deployKeyturn, ofType, within } from '../infra/deployed-keyturn.ts';
import { command, type Messages } from './messages.ts';
import { RunningService } from './running-service.ts';

interface LogQuery {
  readonly where: string;
  readonly text: string;
}

/** The queries of the documents, of the workbook and of the alert rules that ask for records. */
const queries: readonly LogQuery[] = [
  ...[...readFileSync('docs/operations.md', 'utf8').matchAll(/```kusto\n(.*?)```/gs)].map(
    ([, text = ''], index) => ({ where: `docs/operations.md, ${index + 1}`, text }),
  ),
  ...JSON.parse(readFileSync('infra/workbook.json', 'utf8'))
    .items.filter(({ type }: { type: number }) => type === 3)
    .map(({ name, content }: { name: string; content: { query: string } }) => ({
      where: `workbook, ${name}`,
      text: content.query,
    })),
  ...ofType(deployKeyturn(), 'Microsoft.Insights/scheduledQueryRules').map(({ name, body }) => ({
    where: name,
    text: textOf(within(body, 'properties', 'criteria', 'allOf', 0, 'query')),
  })),
].filter(({ text }) => text.includes('Record.'));

const recordsOf = ({ text }: LogQuery) =>
  [...text.matchAll(/Record\.record == "(\w+)"/g)].map(([, name = '']) => name);
const fieldsOf = ({ text }: LogQuery) => [...text.matchAll(/Record\.(\w+)/g)].map(([, name = '']) => name);

let service: RunningService;
let messages: Messages;
/** The fields of each record that was seen. */
const seen = new Map<string, Set<string>>();

function see(record: object): void {
  const { record: name } = record as { record: string };
  const fields = seen.get(name) ?? new Set();
  seen.set(name, fields);
  for (const field of Object.keys(record)) fields.add(field);
}

beforeAll(async () => {
  service = await RunningService.start({
    changeConfiguration: (configuration) => {
      configuration.metrics = { schedule: '0 */15 * * * *' };
    },
  });
  messages = service.openMessages();
  seeSamples();
});
afterAll(async () => {
  await messages.close();
  await service.close();
});

/** Records that a healthy service does not write, made by what writes them. */
function seeSamples(): void {
  const now = '2026-03-01T12:00:00.000Z';
  const row: InventoryRow = {
    ...{ registry: 'contoso', token: 'team-web', status: 'active', plan: 1 },
    ...{ owner: 'team-web', entrance: 'token-requests', expiresAt: now },
  };
  see(credentialDeadlineRecord(row, now) ?? {});
  const count = new FleetCount(now);
  count.add(row, true);
  for (const record of count.records()) see(record);
  see({ record: 'heartbeat' } satisfies HeartbeatRecord);
  see({ record: 'alert', severity: 'critical', finding: 'publishedDead' } satisfies AlertRecord);
}

/** Everything that the hosts have logged as a record. */
function logged(): { record: string }[] {
  return service.hosts.flatMap((host) =>
    host.log.lines.flatMap(({ message }) => (/^\{"record":/.test(message) ? [JSON.parse(message)] : [])),
  );
}

it('the functions that docs/deploy.md expects are those that are there', () => {
  const started = service.hosts[0]?.log.lines.find((line) => 'functions' in line);
  const { functions } = started as unknown as { functions: readonly string[] };
  const [, row = ''] = /^\| always \| (.*) \|$/m.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
  const always = functions.filter((name) => !/^(intake|http)_/.test(name));
  expect([...row.matchAll(/`(\w+)`/g)].map(([, name]) => name).toSorted()).toEqual(always.toSorted());
});

describe('the records of the log', () => {
  it('are written by a service at work', async () => {
    await service.control.injectFault({
      part: 'key-vault',
      effect: { kind: 'fail', status: 500 },
      match: '^PUT /secrets/',
      times: 4,
    });
    const access = { repositories: { 'teams/web': ['content/read'] } };
    await messages.send(
      'token-requests',
      command('keyturn.token.requested', 'team-web', { owner: 'team-web', access }),
      command('keyturn.token.requested', 'team-unfit', { access }),
      command('keyturn.token.requested', 'other-denied', { owner: 'team-web', access }),
    );
    await expect
      .poll(() => logged().filter(({ record }) => record === 'messageTakenIn').length, { timeout: 60_000 })
      .toBe(3);
    await expect
      .poll(() => logged().some(({ record }) => record === 'trouble'), { timeout: 60_000 })
      .toBe(true);
    await expect
      .poll(
        async () => {
          await service.control.advance('PT5M');
          return messages.events.some(({ type }) => type === 'keyturn.token.provisioned');
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe(true);
    await expect
      .poll(() => logged().some(({ record }) => record === 'fleet'), { timeout: 60_000 })
      .toBe(true);
    for (const record of logged()) see(record);
  }, 120_000);

  it.each(queries.map((query) => [query.where, query] as const))('have what is asked for: %s', (_, query) => {
    const names = recordsOf(query);
    for (const name of names) expect([...seen.keys()]).toContain(name);
    const records = names.length > 0 ? names : [...seen.keys()];
    const known = new Set(records.flatMap((name) => [...(seen.get(name) ?? [])]));
    for (const field of fieldsOf(query)) expect([...known]).toContain(field);
  });

  it('are all explained', () => {
    const written = globSync('{src,functions}/**/*.ts').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/(?:record: |logResult\(context, )'(\w+)'/g)].map(
        ([, name]) => name,
      ),
    );
    const explained = [
      ...readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm),
    ];
    expect(explained.map(([, name]) => name).toSorted()).toEqual([...new Set(written)].toSorted());
  });

  it('hold no password', async () => {
    const text = JSON.stringify(logged());
    for (const password of await service.control.issuedPasswords()) expect(text).not.toContain(password);
  });
});
