import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../infra/local/part.ts';
import { startStorage } from '../../../infra/local/storage/start-storage.ts';
import { failureOf, startStorageUnderTest } from './storage-under-test.ts';

function lives(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

async function untilGone(processId: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (lives(processId) && performance.now() < deadline) await wait(20);
  expect(lives(processId)).toBe(false);
}

const childProcesses = () => process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length;

describe('Azurite', () => {
  let parent: ChildProcess | undefined;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyturn-azurite-'));
  });
  afterEach(async () => {
    parent?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const killed = (pid: number) => process.kill(pid, 'SIGKILL');
  const ended = (pid: number) => process.kill(pid, 'SIGTERM');
  const interrupted = (pid: number) => process.kill(-pid, 'SIGINT');
  it.each([
    ['is killed', killed, []],
    ['ends without a word', ended, []],
    ['is interrupted with all its group, as by Ctrl-C', interrupted, ['in good order']],
  ] as const)(
    'ends when its parent %s',
    async (_, end, words) => {
      const script = join(import.meta.dirname, 'start-azurite-alone.ts');
      parent = spawn(process.execPath, [script, folder, ...words], {
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = once(parent, 'exit');
      const [said] = parent.stdout ? await once(parent.stdout, 'data') : [];
      const azurite = Number(String(said));
      expect(lives(azurite)).toBe(true);
      end(parent.pid ?? 0);
      await gone;
      await untilGone(azurite);
    },
    60_000,
  );
});

describe('storage', () => {
  it('is empty after a reset, and at each start', async () => {
    const first = await startStorageUnderTest();
    for (const name of ['tokens', 'inventory', 'outbox']) await first.table(name).createTable();
    await first.table('tokens').createEntity({ partitionKey: 'a', rowKey: 'b' });
    await first.storage.reset();
    const tokens = first.table('tokens');
    expect(await failureOf(tokens.getEntity('a', 'b'))).toMatchObject({ code: 'TableNotFound' });
    await tokens.createTable();
    expect(await failureOf(tokens.getEntity('a', 'b'))).toMatchObject({ code: 'ResourceNotFound' });
    await first.storage.close();
    const second = await startStorageUnderTest(first.cloud);
    expect(await failureOf(second.table('tokens').getEntity('a', 'b'))).toMatchObject({
      code: 'TableNotFound',
    });
    await second.close();
  }, 60_000);

  it('refuses a taken port, and leaves no Azurite behind', async () => {
    const { cloud, endpoint, close } = await startStorageUnderTest();
    const port = Number(new URL(endpoint.table).port);
    expect(childProcesses()).toBe(1);
    const free = { host: '127.0.0.1', port: 0 };
    const error = await startStorage({
      addresses: { blob: free, queue: free, table: { host: '127.0.0.1', port } },
      context: cloud,
      certificates: cloud.certificates,
      accessTokens: cloud.accessTokens,
      dataFolder: join(cloud.folder, 'other'),
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(`Port ${port}`);
    await expect.poll(childProcesses).toBe(1);
    await close();
    await expect.poll(childProcesses).toBe(0);
  }, 60_000);
});
