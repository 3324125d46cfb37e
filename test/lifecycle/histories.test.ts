import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lifecycleName, tokenLifecycle, wakeEvent } from '../../src/lifecycle/orchestrator.ts';
import { InProcessApp, type RecordedCall } from '../local/functions-host/durable/support/in-process-app.ts';
import { command } from './build.ts';
import { type EngineRun, id, request, startedRun } from './model/engine-run.ts';

/**
 * What the host sent to the lifecycle of a release at one moment, and what that release answered. Instances that
 * wait while a new release is deployed, or that were in the middle of a plan, are replayed by it from there.
 * Files are never changed. A release that adds something to the loop adds files: `RECORD_HISTORIES=release-name`.
 */
interface RecordedHistory {
  readonly triggerInput: string;
  readonly answer: unknown;
}

const folder = 'test/lifecycle/histories';
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

async function answerTo(triggerInput: string): Promise<unknown> {
  const app = new InProcessApp({ orchestrators: { [lifecycleName]: tokenLifecycle } });
  const call: Pick<RecordedCall, keyof Parameters<InProcessApp['invokeOrchestrator']>[2]> =
    Object.create(null);
  const ending = await app.invokeOrchestrator(lifecycleName, triggerInput, call);
  if (ending.kind !== 'returned') throw new Error(JSON.stringify(ending));
  return JSON.parse(JSON.stringify(ending.value));
}

describe('lifecycles that an earlier release began', () => {
  it('are recorded: waiting, and cut in the middle of a plan', () => {
    for (const moment of ['waiting', 'mid-plan', 'woken-mid-plan', 'settle-threw', 'deleted-waiting']) {
      expect(files.filter((file) => file.endsWith(`-${moment}.json`))).not.toEqual([]);
    }
  });

  it.each(files)('go on as they would have: %s', async (file) => {
    const { triggerInput, answer }: RecordedHistory = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    expect(await answerTo(triggerInput)).toEqual(answer);
  });
});

const release = process.env.RECORD_HISTORIES;

// Only when asked for: `RECORD_HISTORIES=1.2.0 vitest run test/lifecycle/histories.test.ts`.
if (release) {
  it('records the histories of a release', async () => {
    const engine = await startedRun();
    const daySeconds = 86_400;
    await record('mid-plan', episodes(engine)[2]);
    await engine.hub.advance(daySeconds);
    await engine.hub.raise(wakeEvent, {}, id);
    await record('waiting', episodes(engine).at(-1));
    let settles = 0;
    engine.throws = (name) => name === 'settle' && settles++ === 0;
    await engine.send(command('keyturn.token.disable-requested', daySeconds * 1000, { reason: 'pause' }));
    await engine.hub.advance(60);
    const afterWake = episodes(engine).filter(({ input }) => input?.includes('setTokenStatus'));
    await record('woken-mid-plan', afterWake[1]);
    await record('settle-threw', afterWake.at(-1));
    await engine.send(command('keyturn.token.deletion-requested', 2 * daySeconds * 1000, { reason: 'done' }));
    await engine.hub.raise(wakeEvent, {}, id);
    await record('deleted-waiting', episodes(engine).at(-3));
    expect(engine.broken).toEqual([]);
    expect(request.owner).toBe('team-web');
  });
}

function episodes(engine: EngineRun): RecordedCall[] {
  return engine.hub.app.calls.filter(({ name }) => name === lifecycleName);
}

async function record(moment: string, episode: RecordedCall | undefined): Promise<void> {
  // The stack of the settle that threw names files of the machine that records.
  const triggerInput = (episode?.input ?? '').replaceAll(`${process.cwd()}/`, '');
  mkdirSync(folder, { recursive: true });
  const recorded: RecordedHistory = { triggerInput, answer: await answerTo(triggerInput) };
  writeFileSync(join(folder, `${release}-${moment}.json`), `${JSON.stringify(recorded, null, 2)}\n`);
}
