import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makePackage, writePackage } from '../../infra/package/make-package.ts';
import { Requester } from '../service/commands/requester.ts';
import { RunningService } from '../service/running-service.ts';

/** The machine may be busy with other tests. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-package-'));
  const { files } = await makePackage(process.cwd());
  await writePackage(files, folder);
  service = await RunningService.startCloud();
  await service.startHost({ scriptRoot: await unzipped(join(folder, 'keyturn.zip')) });
  requester = await Requester.open(service);
});
afterAll(async () => {
  await requester.close();
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

async function unzipped(zip: string): Promise<string> {
  const root = join(folder, 'unzipped');
  await mkdir(root);
  for (const [file, bytes] of Object.entries(unzipSync(await readFile(zip))))
    await writeFile(join(root, file), bytes);
  return root;
}

it('the package provisions a token whose published password logs in', async () => {
  const provisioned = await requester.cause(
    'keyturn.token.provisioned',
    'keyturn.token.requested',
    'team-packed',
    { owner: 'team-packed', access: { repositories: { 'teams/packed': ['content/read'] } } },
  );
  expect(provisioned).toMatchObject({ owner: 'team-packed', verified: true });
  expect(await service.logIn('team-packed')).toBe(200);
});

it('the package rotates it when that is due, and both passwords log in', async () => {
  const before = await service.publishedPassword('team-packed');
  await service.control.advance('P60D');
  const { data } = await requester.event('keyturn.token.rotated', 'team-packed');
  expect(data).toMatchObject({ generation: 2 });
  expect(await service.publishedPassword('team-packed')).not.toBe(before);
  expect(await service.logIn('team-packed')).toBe(200);
  expect(await service.logIn('team-packed', before)).toBe(200);
});

it('the package deletes it, and no password logs in any more', async () => {
  const password = await service.publishedPassword('team-packed');
  await requester.cause('keyturn.token.deleted', 'keyturn.token.deletion-requested', 'team-packed', {
    reason: 'The project ended.',
  });
  expect(await service.logIn('team-packed', password)).toBe(401);
});

it('nothing that the package asked for was denied to its identity', async () => {
  const requests = await service.control.requests();
  const asked = requests.filter(({ identity }) => identity === 'keyturn');
  for (const part of ['resource-manager', 'key-vault', 'service-bus'])
    expect(
      asked.some((request) => request.part === part),
      part,
    ).toBe(true);
  expect(asked.filter(({ outcome }) => outcome === 403 || /unauthorized/.test(String(outcome)))).toEqual([]);
});
