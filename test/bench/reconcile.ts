import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RequestRecord } from '../../infra/local/control/request-history.ts';
import type { RegistrySettings } from '../../infra/local/registry/registry-settings.ts';
import { RunningService } from '../service/running-service.ts';
import { TokenSeed } from './reconcile/seed-tokens.ts';

/**
 * The hourly comparison of a whole registry in which all is as it should be, for some tokens and for ten times as many: what it
 * asks of registry, vault and tables, whether it wakes anybody, and what it leaves in memory. It grows with the pages of
 * lists and with nothing else.
 */

const counts = process.argv.slice(2).map(Number);
const [few = 1_000, many = 10_000] = counts;
const runs = 10;
const script = fileURLToPath(new URL('reconcile/compare-once.ts', import.meta.url));
const plenty = { capacity: 1e6, refillPerSecond: 1e5 };
const unlimited: Partial<RegistrySettings> = { writeAnswer: 'done', readLimit: plenty, writeLimit: plenty };

interface Outcome {
  readonly compared: readonly { readonly result: string; readonly milliseconds: number }[];
  readonly woken: number;
  readonly heaps: readonly number[];
  readonly peak: number;
}

const service = await RunningService.startCloud({
  registrySettings: unlimited,
  changeCloud: (config) => ({
    ...config,
    keyVault: { ...config.keyVault, throttling: { creations: 1e6, others: 1e6, retryAfter: false } },
  }),
});
try {
  print(`load average ${loadavg()[0]?.toFixed(1)}; ${runs} comparisons of each size`);
  const seed = await TokenSeed.open(service);
  await seed.add(0, few);
  const small = await compare(few);
  await seed.add(few, many);
  const large = await compare(many);
  print(`requests for ${many / few} times the tokens: ${(large / small).toFixed(1)} times as many`);
} finally {
  await service.close();
}

async function compare(tokens: number): Promise<number> {
  await service.control.clearRequests();
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, String(runs)], {
    env: { ...process.env, ...service.settings },
    maxBuffer: 1e8,
  });
  const { compared, woken, heaps, peak } = JSON.parse(stdout) as Outcome;
  if (compared.some(({ result }) => result !== 'compared')) throw new Error(stdout);
  print(`\n${tokens} tokens: ${JSON.stringify(compared.at(-1))}`);
  const kinds = Map.groupBy(await service.control.requests(), kindOf);
  let requests = 0;
  for (const [kind, { length }] of [...kinds].sort()) {
    print(`  ${(length / runs).toFixed(1).padStart(8)}  ${kind}`);
    requests += length / runs;
  }
  print(`  lifecycles woken: ${woken}`);
  const [before = 0, ...after] = heaps;
  print(`  heap in MB, garbage aside: before ${mega(before)}, after each ${after.map(mega).join(', ')}`);
  print(`  highest heap seen, with garbage: ${mega(peak)} MB`);
  return requests;
}

/** What was asked, without names and pages. */
function kindOf({ part, request, operation }: RequestRecord): string {
  const path = request.replace(/\?.*$/, '').replace(/\(.*\)/, '()');
  return `${part}: ${operation ?? path}`;
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
