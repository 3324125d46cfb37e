import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from './support/test-hub.ts';

/** Hosts in processes of their own, killed with -9 and frozen with SIGSTOP. */

const script = fileURLToPath(new URL('./support/killable-host.ts', import.meta.url));

interface Host {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** The next line that it prints. */
  line(): Promise<string>;
}

function startHost(folder: string, delay: number, orchestrator: string, count: number): Host {
  const args = [script, folder, String(delay), orchestrator, String(count)];
  const host = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: string[] = [];
  host.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const lines = createInterface(host.stdout)[Symbol.asyncIterator]();
  onTestFinished(() => kill(host));
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The host ended: ${errors.join('')}`);
    return String(value);
  };
  return { process: host, line };
}

async function kill(host: Host['process']): Promise<void> {
  if (host.exitCode !== null || host.signalCode !== null) return;
  const exited = once(host, 'exit');
  host.kill('SIGKILL');
  await exited;
}

function effectsIn(folder: string): string[] {
  const file = join(folder, 'effects');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('It did not happen within a minute');
    await wait(10);
  }
}

it('lose nothing when they are killed at random moments: each orchestration ends right, no effect is missing', async () => {
  const folder = temporaryFolder();
  const count = 60;
  for (let kills = 0; kills < 8; kills += 1) {
    const host = startHost(folder, 300, 'chain', count);
    expect(await host.line()).toBe('ready');
    await wait(Math.random() * 150);
    await kill(host.process);
  }
  const last = startHost(folder, 300, 'chain', count);
  expect(await last.line()).toBe('ready');
  expect(JSON.parse(await last.line())).toEqual(Array(count).fill('7'));
  const effects = effectsIn(folder).map((effect) => effect.split(' '));
  expect(new Set(effects.map(([what]) => what)).size).toBe(count * 3);
  expect(new Set(effects.map(([, pid]) => pid)).size).toBeGreaterThan(1);
}, 120_000);

it('that freeze inside an activity are replaced by another, both attempts end, and the first answer counts', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'stay'), '');
  const frozen = startHost(folder, 1000, 'gated', 1);
  const frozenPid = frozen.process.pid;
  await until(() => effectsIn(folder).includes(`started ${frozenPid}`));
  frozen.process.kill('SIGSTOP');
  const other = startHost(folder, 1000, 'gated', 1);
  const otherPid = other.process.pid;
  await until(() => effectsIn(folder).includes(`started ${otherPid}`));
  writeFileSync(join(folder, 'gate'), '');
  expect(await other.line()).toBe('ready');
  expect(JSON.parse(await other.line())).toEqual([String(otherPid)]);
  frozen.process.kill('SIGCONT');
  await until(() => effectsIn(folder).includes(`ended ${frozenPid}`));
  expect(await frozen.line()).toBe('ready');
  expect(JSON.parse(await frozen.line())).toEqual([String(otherPid)]);
  const exits = [frozen, other].map(({ process: host }) => once(host, 'exit'));
  rmSync(join(folder, 'stay'));
  expect(await Promise.all(exits)).toEqual([
    [0, null],
    [0, null],
  ]);
}, 120_000);
