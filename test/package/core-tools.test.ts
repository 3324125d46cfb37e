import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readCloudConfig } from '../../infra/local/cloud-config.ts';
import { keyturnClientId } from '../../infra/local/keyturn/app-settings.ts';
import { Requester } from '../service/commands/requester.ts';
import { RunningService } from '../service/running-service.ts';

/** The machine may be busy with other tests. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const page = readFileSync('docs/run-with-core-tools.md', 'utf8');
const blocks = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);

/** The commands of the page that begin so, without what starts a program that stays. */
function commands(beginning: string): string {
  const block = blocks.find((each) => each.includes(beginning)) ?? '';
  return block.replace(/^(npm run|npx|func) .*$/gm, '');
}

let folder: string;
let service: RunningService;
let values: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-core-tools-'));
  for (const file of ['cloud.config.json', 'service-bus.config.json', 'keyturn/configuration.json'])
    cpSync(`infra/local/${file}`, join(folder, 'infra/local', file));
  mkdirSync(join(folder, 'dist/package'), { recursive: true });
  writeFileSync(join(folder, 'dist/package/host.json'), '{}');
  for (const beginning of ['sed -e', 'cat > .local/core-tools'])
    execFileSync('sh', ['-e', '-c', commands(beginning)], { cwd: folder });
  values = JSON.parse(readFileSync(join(folder, '.local/core-tools/local.settings.json'), 'utf8')).Values;
  service = await RunningService.startCloud();
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

describe('the page about the Core Tools', () => {
  it('makes a configuration in which the storage of the local cloud leaves the usual ports to the host', async () => {
    const changed = await readCloudConfig(join(folder, '.local/cloud.config.json'));
    const shipped = await readCloudConfig('infra/local/cloud.config.json');
    const ports = { ...shipped.ports, blob: 11000, queue: 11001, table: 11002 };
    expect(changed).toEqual({ ...shipped, ports });
  });

  it('gives every setting that the app gets on the local cloud, in its file or by cloud.env', () => {
    const given = new Set([...Object.keys(service.cloud.environment), ...Object.keys(values)]);
    const sameByFile = new Map([['KEYTURN_CONFIGURATION', 'KEYTURN_CONFIGURATION_FILE']]);
    const missing = Object.keys(service.settings).filter((name) => !given.has(sameByFile.get(name) ?? name));
    expect(missing).toEqual([]);
    expect(values.Records__clientId).toBe(keyturnClientId);
    expect(values.Records__tableServiceUri).toContain(':11002/');
    expect(existsSync(values.KEYTURN_CONFIGURATION_FILE ?? '')).toBe(true);
  });

  it('explains every setting of its file, and names no variable of cloud.env that is not there', () => {
    const table = page.slice(page.indexOf('| setting |'), page.indexOf('Variables of the environment win'));
    const named = (where: string) =>
      table
        .split('\n')
        .filter((row) => row.includes(`| ${where} |`))
        .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    expect(named('file').sort()).toEqual(Object.keys(values).sort());
    expect(Object.keys(service.cloud.environment)).toEqual(expect.arrayContaining(named('`cloud.env`')));
  });

  it('has settings with which Keyturn provisions a token on the embedded host', async () => {
    const emulator = service.setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING');
    const withoutPlace = (text = '') => text.replace(/Endpoint=sb:\/\/[^;]+;/, '');
    expect(withoutPlace(values.ServiceBus)).toBe(withoutPlace(emulator));
    await service.startHost({ settings: { ServiceBus: emulator } });
    const requester = await Requester.open(service);
    await requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', 'team-tools', {
      owner: 'team-tools',
      access: { repositories: { 'teams/tools': ['content/read'] } },
    });
    expect(await service.logIn('team-tools')).toBe(200);
    await requester.close();
  });
});
