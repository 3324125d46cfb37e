import { systemClock } from '../../../src/adapters/system-clock.ts';
import { openApplication } from '../../../src/application/open-application.ts';
import { compareRegistries } from '../../../src/reconcile/compare-registries.ts';

/**
 * Compares whole registries a few times as the hourly timer does, in a process of its own. Prints what each comparison came
 * to, and the heap before the first and after each one, as one line of JSON.
 */

const runs = Number(process.argv[2] ?? 3);
const application = openApplication(process.env, systemClock);
let woken = 0;
const ports = {
  ...application.watch(unused()),
  lifecycles: {
    standing: async () => 'running' as const,
    start: async () => 'started' as const,
    wake: async () => {
      woken += 1;
    },
  },
};
const compared: unknown[] = [];
const heaps = [heap()];
let peak = 0;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().heapUsed);
}, 50);
for (let run = 0; run < runs; run += 1) {
  for await (const looked of compareRegistries(new Date().toISOString(), ports)) compared.push(looked);
  heaps.push(heap());
}
clearInterval(sampling);
process.stdout.write(`${JSON.stringify({ compared, woken, heaps, peak })}\n`);
await application.ports.close();

/** Bytes that are in use and not garbage. */
function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** The orchestrations are not asked here. */
function unused(): Parameters<typeof application.watch>[0] {
  return new Proxy({}, {}) as Parameters<typeof application.watch>[0];
}
