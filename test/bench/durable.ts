import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DurableApi, eventually } from '../local/functions-host/sample-app/durable-api.ts';
import { HostProcess } from '../local/functions-host/sample-app/host-process.ts';

/**
 * The Functions host as a process of its own, driven over HTTP by this one: what it does in a second, what an episode costs as
 * history grows, how fast it starts and how much memory idle instances take. The goals are for two cores; the load average
 * at the top tells who else used them.
 */

const benchApp = fileURLToPath(new URL('durable-app', import.meta.url));

/** Starts that are under way at a time. */
const clients = 16;

/** An activity adds TaskScheduled, OrchestratorCompleted, OrchestratorStarted and TaskCompleted to history. */
const eventsPerStep = 4;

/** Linux counts processor time in hundredths of a second. */
const millisecondsPerTick = 10;

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: { readonly value: number; readonly better: 'more' | 'less' };
}

const folder = await mkdtemp(join(tmpdir(), 'durable-bench-'));
try {
  process.stdout.write(`load average ${loadavg()[0]?.toFixed(1)}\n`);
  await measureStartUp();
  await measureThroughput();
  await measureHistory();
  await measureMemory();
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The best of some starts of an app without functions, from the spawn of the process to its word that it listens. */
async function measureStartUp(): Promise<void> {
  const scriptRoot = join(folder, 'empty-app');
  await mkdir(scriptRoot);
  await writeFile(join(scriptRoot, 'package.json'), JSON.stringify({ type: 'module', main: 'app.js' }));
  await writeFile(join(scriptRoot, 'host.json'), JSON.stringify({ version: '2.0' }));
  await writeFile(join(scriptRoot, 'app.js'), '');
  const times: number[] = [];
  for (let run = 0; run < 7; run += 1) {
    const start = performance.now();
    const host = await HostProcess.start({ scriptRoot, dataFolder: join(folder, 'empty') });
    times.push(performance.now() - start);
    await host.kill();
  }
  const goal = { value: 1000, better: 'less' } as const;
  print({ what: 'start-up of an empty app, median of 7', value: middle(times), unit: 'ms', goal });
  print({ what: 'start-up of an empty app, best of 7', value: Math.min(...times), unit: 'ms', goal });
}

async function measureThroughput(): Promise<void> {
  await withHost('throughput', async (durable, { processId }) => {
    await runChains(durable, 'warm-up', 200);
    const rates: number[] = [];
    const before = await cpuMilliseconds(processId);
    for (let round = 0; round < 3; round += 1) rates.push(await runChains(durable, `round-${round}`, 1000));
    const cpu = ((await cpuMilliseconds(processId)) - before) / 3000;
    const goal = { value: 200, better: 'more' } as const;
    const what = 'orchestrations of 3 activities, middle of 3 times 1000';
    print({ what, value: middle(rates), unit: '/s', goal });
    print({ what: 'orchestrations of 3 activities, best', value: Math.max(...rates), unit: '/s', goal });
    print({ what: 'processor time of the host for each of them', value: cpu, unit: 'ms' });
  });
}

/** How many orchestrations of three activities are started and done in a second. */
async function runChains(durable: DurableApi, prefix: string, count: number): Promise<number> {
  const start = performance.now();
  await startMany(durable, 'chain', prefix, count, { length: 3 });
  await allHave(durable, prefix, 'Running,Pending');
  const seconds = (performance.now() - start) / 1000;
  const done = await durable.list(`instanceIdPrefix=${prefix}-&runtimeStatus=Completed`);
  if (done.length !== count || done.some(({ output }) => output !== 3))
    throw new Error(`${done.length} of ${count} orchestrations ended well`);
  return count / seconds;
}

/** One chain alone on the host: the time from one activity's end to the next one's, by how long the history was. */
async function measureHistory(): Promise<void> {
  await withHost('history', async (durable) => {
    const runs: number[][] = [];
    for (let run = 0; run < 4; run += 1) runs.push(await stepTimes(durable, `chain-${run}`, 260));
    const measured = runs.slice(1);
    for (const events of [10, 100, 300, 1000]) {
      const around = Math.floor(events / eventsPerStep);
      const steps = measured.flatMap((times) => times.slice(Math.max(around - 8, 1), around + 8));
      const what = `episode and activity, at ${events} events of history`;
      print({ what, value: steps.reduce((sum, step) => sum + step, 0) / steps.length, unit: 'ms' });
    }
  });
}

async function stepTimes(durable: DurableApi, instanceId: string, length: number): Promise<number[]> {
  await durable.start('chain', instanceId, { length });
  await durable.outcome(instanceId);
  const { historyEvents = [] } = await durable.status(instanceId, 'showHistory=true');
  const ends = historyEvents
    .filter(({ EventType }) => EventType === 'TaskCompleted')
    .map(({ Timestamp }) => Date.parse(Timestamp));
  return ends.slice(1).map((end, index) => end - (ends[index] ?? end));
}

async function measureMemory(): Promise<void> {
  const goal = { value: 300, better: 'less' } as const;
  const count = 10_000;
  const host = await withHost('memory', async (durable, { processId }) => {
    print({ what: 'resident memory, no instances', value: await residentMegabytes(processId), unit: 'MB' });
    await startMany(durable, 'idle', 'idle', count, {});
    await allHave(durable, 'idle', 'Pending');
    const what = `resident memory, ${count} instances waiting on timers`;
    print({ what, value: await residentMegabytes(processId), unit: 'MB', goal });
  });
  await withHost('memory', async (durable, { processId }) => {
    await durable.status('idle-0');
    print({ what: 'the same after a restart', value: await residentMegabytes(processId), unit: 'MB', goal });
  });
  return host;
}

/** Runs the bench app with a store of its own in this folder. */
async function withHost(
  data: string,
  measure: (durable: DurableApi, host: HostProcess) => Promise<void>,
): Promise<void> {
  const host = await HostProcess.start({
    scriptRoot: benchApp,
    dataFolder: join(folder, data),
    dropsLog: true,
  });
  try {
    await measure(await host.durableApi(), host);
  } finally {
    await host.kill();
  }
}

async function startMany(
  durable: DurableApi,
  name: string,
  prefix: string,
  count: number,
  input: unknown,
): Promise<void> {
  let next = 0;
  const startOn = async () => {
    while (next < count) await durable.start(name, `${prefix}-${next++}`, input);
  };
  await Promise.all(Array.from({ length: clients }, startOn));
}

/** Resolves when no instance whose id begins so has one of these statuses. */
async function allHave(durable: DurableApi, prefix: string, statuses: string): Promise<void> {
  await eventually(
    `instances ${prefix}`,
    () => durable.list(`instanceIdPrefix=${prefix}-&runtimeStatus=${statuses}&top=1`),
    ({ length }) => length === 0,
  );
}

async function residentMegabytes(processId: number): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** What the process has used of all cores so far; it does not depend on who else uses them. */
async function cpuMilliseconds(processId: number): Promise<number> {
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * millisecondsPerTick;
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The ratio is above 1 when the goal is more than reached. */
function print({ what, value, unit, goal }: Figure): void {
  const figure = `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
  const ratio = goal && (goal.better === 'more' ? value / goal.value : goal.value / value);
  const goalText = goal ? `goal ${goal.better === 'more' ? 'at least' : 'under'} ${goal.value} ${unit}` : '';
  process.stdout.write(
    `${what.padEnd(58)} ${figure.padStart(10)}   ${goalText.padEnd(24)} ${ratio?.toFixed(2) ?? ''}\n`,
  );
}
