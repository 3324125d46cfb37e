import { AppRegistry } from '../../../infra/local/functions-host/worker/app-registry.ts';
import { provideCoreModule } from '../../../infra/local/functions-host/worker/core-module.ts';
import { loadEntryPoints } from '../../../infra/local/functions-host/worker/load-entry-points.ts';

/** Loads the app in the folder that the first argument names, as a worker does, and prints what that took. */
const registry = new AppRegistry();
provideCoreModule(registry, '4.1037.0', () => undefined);
const start = performance.now();
await loadEntryPoints(process.argv[2] ?? '', registry);
const milliseconds = performance.now() - start;
const functions = registry.describeFunctions().length;
const megabytes = process.memoryUsage().rss / 1_000_000;
process.stdout.write(JSON.stringify({ milliseconds, megabytes, functions }));
