import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import type { RegistrySettings } from '../../infra/local/registry/registry-settings.ts';
import { command, type Messages } from '../service/messages.ts';
import { RunningService } from '../service/running-service.ts';

/**
 * The whole service against a bare script that makes the same calls of the SDKs, with the same rule of when a password is
 * proven and as many tokens at a time, on the same machine in the same run: what Keyturn's record, events and safety cost.
 * Then as many rotations that fall due at once. Nothing but ratios compares between machines.
 */

const count = Number(process.argv[2] ?? 500);
/** This process is the cloud as well: it does not spend its time on the host's log. */
const quietly = { dropsLog: true };
/** As many activities as host.json lets run at a time. */
const concurrency = 64;
const entrance = 'token-requests-devices';
const bareScript = fileURLToPath(new URL('service/provision-barely.ts', import.meta.url));
/** The registry answers as Azure was recorded to, but for its limits, in which both would only wait. */
const unlimited: Partial<RegistrySettings> = {
  pollsUntilDone: 1,
  replicationSeconds: 0,
  readLimit: { capacity: 1e6, refillPerSecond: 1e5 },
  writeLimit: { capacity: 1e6, refillPerSecond: 1e5 },
};

const service = await RunningService.startCloud({
  registrySettings: unlimited,
  changeCloud: (config) => ({
    ...config,
    keyVault: { ...config.keyVault, throttling: { creations: 1e6, others: 1e6, retryAfter: false } },
  }),
  changeConfiguration: ({ registries, entrances }) => {
    for (const registry of Object.values(registries)) registry.settleAfter = 'PT0S';
    const { policy } = entrances[entrance] ?? { policy: {} };
    policy.quotas = { tokens: 50_000, commandsPerHour: 50_000 };
  },
});
await service.startHost(quietly);
const messages = service.openMessages();
try {
  print(`load average ${loadavg()[0]?.toFixed(1)}; ${count} tokens, ${concurrency} at a time`);
  await createSharedScopeMap();
  const bare = await provisionBarely();
  await rest();
  const whole = await provisionByMessages();
  print(`ratio of the times for all                         ${(whole / bare).toFixed(2)} (goal at most 2)`);
  await rotate();
} finally {
  await messages.close();
  await service.close();
}

async function createSharedScopeMap(): Promise<void> {
  const resourceId = service.setting('REGISTRY_RESOURCE_ID');
  const [, , subscriptionId = '', , resourceGroup = '', , , , registry = ''] = resourceId.split('/');
  const arm = new ContainerRegistryManagementClient(await service.credential(), subscriptionId, {
    endpoint: service.setting('AZURE_RESOURCE_MANAGER_ENDPOINT'),
    credentials: { scopes: ['https://management.azure.com/.default'] },
  });
  const actions = ['repositories/firmware/*/content/read', 'repositories/firmware/*/metadata/read'];
  await arm.scopeMaps.create(resourceGroup, registry, 'device-firmware', { actions });
}

async function provisionBarely(): Promise<number> {
  const { registries } = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
  const begun = performance.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [bareScript, String(count), String(concurrency)],
    {
      env: {
        ...process.env,
        ...service.settings,
        LOGIN_SERVER: registries.contoso.loginServer,
        CLIENT_ID: service.setting('Records__clientId'),
      },
    },
  );
  const took = performance.now() - begun;
  printTimes('bare script', took, JSON.parse(stdout) as number[]);
  return took;
}

async function provisionByMessages(): Promise<number> {
  await service.control.clearRequests();
  const tokens = Array.from({ length: count }, (_, index) => `device-${String(index).padStart(5, '0')}`);
  const before = await memory();
  const begun = performance.now();
  const asked = tokens.map((token) => request(token));
  for (let at = 0; at < asked.length; at += 100) await messages.send(entrance, ...asked.slice(at, at + 100));
  const times = await eventTimes('keyturn.token.provisioned', begun, messages);
  const took = Math.max(...times);
  printTimes('Keyturn, from message to event `provisioned`', took, times);
  await printCalls();
  const after = await memory();
  print(`memory of the host        ${before} MB before, ${after} MB after`);
  return took;
}

function request(token: string) {
  const data = { owner: 'devices-plant', access: { scopeMap: 'device-firmware' } };
  return command('keyturn.token.requested', token, data, { source: '/provisioning/line-1' });
}

/** All fall due while the host is away: a storm, as after an outage. */
async function rotate(): Promise<void> {
  await Promise.all(service.hosts.map((host) => host.kill()));
  service.hosts.length = 0;
  await service.control.advance('P180D');
  await service.control.clearRequests();
  const host = service.startHost(quietly);
  const begun = performance.now();
  const times = await eventTimes('keyturn.token.rotated', begun, messages);
  await host;
  printTimes('rotations that fell due at once, host started at 0', Math.max(...times), times);
  await printCalls();
  print(`memory of the host        ${await memory()} MB after`);
}

/** When each token's event of a type came, in milliseconds since `begun`. */
async function eventTimes(type: string, begun: number, { events, until }: Messages): Promise<number[]> {
  const times: number[] = [];
  const from = events.length;
  let seen = from;
  await until.call(
    messages,
    `${count} times ${type}`,
    () => {
      for (; seen < events.length; seen += 1)
        if (events[seen]?.type === type) times.push(performance.now() - begun);
      return times.length >= count;
    },
    15 * 60_000,
  );
  return times;
}

async function printCalls(): Promise<void> {
  const perToken = async (part: 'resource-manager' | 'login-server' | 'key-vault' | 'storage') =>
    ((await service.control.requests({ part })).length / count).toFixed(1);
  print(
    `calls per token           ARM ${await perToken('resource-manager')}, login server ${await perToken('login-server')}, ` +
      `vault ${await perToken('key-vault')}, storage ${await perToken('storage')}`,
  );
}

async function memory(): Promise<number> {
  const [host] = service.hosts;
  if (!host) throw new Error('No host runs.');
  const status = await readFile(`/proc/${host.processId}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

/** Lets what the one before has left behind come to an end. */
async function rest(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2_000));
}

function printTimes(what: string, took: number, times: number[]): void {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number) =>
    ((sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN) / 1000).toFixed(2);
  print(`${what.padEnd(50)} ${(took / 1000).toFixed(1)} s in all, p50 ${at(0.5)} s, p95 ${at(0.95)} s`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
