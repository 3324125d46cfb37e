import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { startRegistryUnderTest } from '../local/registry/registry-under-test.ts';

/** What the issue asks of the registry part on two cores. */
const goalPerSecond = 500;
const connections = 16;
const warmUpMilliseconds = 2_000;
const measuredMilliseconds = 10_000;

interface Target {
  readonly url: string;
  readonly authorization: string;
  readonly ca: string;
}

/** In a process of its own: a registry with one token, and rate limits out of the way. */
async function serve(): Promise<void> {
  const plenty = { capacity: 1_000_000, refillPerSecond: 1_000_000 };
  const registry = await startRegistryUnderTest({ settings: { readLimit: plenty } });
  await registry.createToken('bench-token', ['repositories/samples/hello-world/content/read']);
  const { REGISTRY_RESOURCE_ID, AZURE_RESOURCE_MANAGER_ENDPOINT } = registry.running.environment;
  const [operator] = registry.cloud.accessTokens.identities;
  if (!operator) throw new Error('There is no identity');
  const { accessToken } = await registry.cloud.accessTokens.mint(operator, 'https://management.azure.com');
  const target: Target = {
    url: `${AZURE_RESOURCE_MANAGER_ENDPOINT}${REGISTRY_RESOURCE_ID}/tokens/bench-token?api-version=2025-11-01`,
    authorization: `Bearer ${accessToken}`,
    ca: registry.cloud.certificates.authority,
  };
  process.send?.(target);
  await once(process, 'disconnect');
  await registry.close();
}

async function measure(): Promise<void> {
  const server = fork(import.meta.filename, ['serve']);
  const target = await readTarget(server);
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca: target.ca });
  await readFor(target, agent, warmUpMilliseconds);
  const startedAt = performance.now();
  const reads = await readFor(target, agent, measuredMilliseconds);
  const perSecond = reads / ((performance.now() - startedAt) / 1000);
  agent.destroy();
  server.disconnect();
  await once(server, 'exit');
  process.stdout.write(
    `registry: ${Math.round(perSecond)} token reads a second over HTTPS on ${connections} connections, ` +
      `${(perSecond / goalPerSecond).toFixed(1)} times the goal of ${goalPerSecond}\n`,
  );
}

async function readTarget(server: ChildProcess): Promise<Target> {
  const [target] = await Promise.race([
    once(server, 'message'),
    once(server, 'exit').then(() => {
      throw new Error('The registry ended before it was ready');
    }),
  ]);
  return target as Target;
}

async function readFor(target: Target, agent: Agent, milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds;
  let reads = 0;
  const reader = async () => {
    while (performance.now() < end) {
      await readOnce(target, agent);
      reads += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, reader));
  return reads;
}

function readOnce({ url, authorization }: Target, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, headers: { authorization } }, (incoming) => {
      incoming.resume();
      incoming.once('error', reject);
      incoming.once('end', () => {
        if (incoming.statusCode === 200) resolve();
        else reject(new Error(`A read was answered with status ${incoming.statusCode}`));
      });
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

await (process.argv[2] === 'serve' ? serve() : measure());
