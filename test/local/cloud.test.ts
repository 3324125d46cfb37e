import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { ControlClient } from '../../infra/local/control/control-client.ts';
import { listen } from '../../infra/local/http/listen.ts';
import { type CloudConfigFile, CloudProcess } from './cloud-process.ts';

const run = promisify(execFile);
const started: CloudProcess[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((cloud) => cloud.dispose()));
});

async function start(
  words: string[] = [],
  changeConfig?: (config: CloudConfigFile) => void,
): Promise<CloudProcess> {
  const cloud = await CloudProcess.start(words, changeConfig);
  started.push(cloud);
  return cloud;
}

/** Processes whose command line names this cloud's data folder. */
function processesOf(cloud: CloudProcess): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(cloud.folder));
}

describe('npm run cloud', () => {
  it('starts all parts, shows their endpoints and lets the official clients in by its environment file', async () => {
    const cloud = await start();
    await cloud.up();
    for (const part of ['identity', 'storage', 'service-bus', 'registry', 'key-vault', 'control']) {
      expect(cloud.output).toMatch(new RegExp(`^  ${part} .*(http|amqp)`, 'm'));
    }
    const env = { ...process.env, ...(await cloud.environment()) };
    const message = await run(process.execPath, ['infra/local/examples/send-message.ts'], { env });
    expect(message.stdout).toMatch(
      /^Sent a message to token-requests\.\nReceived .*hello from the official client/,
    );
    const token = await run(process.execPath, ['infra/local/examples/create-token.ts'], { env });
    expect(token.stdout).toContain('Token hello-token may pull from and push to samples/hello-world.');
    expect(token.stdout).toContain('Its first password logs in.');

    const control = new ControlClient(env.KEYTURN_LOCAL_CONTROL_URL ?? '');
    const operations = (await control.requests({ part: 'resource-manager' })).map(
      ({ operation }) => operation,
    );
    expect(operations).toContain('Microsoft.ContainerRegistry/registries/generateCredentials/action');
    const [password = ''] = await control.issuedPasswords();
    expect(password).toHaveLength(52);
    expect(token.stdout).toContain(password);
    await control.reset();
    expect(await control.requests()).toEqual([]);

    const byIdentity = await run(process.execPath, ['test/local/send-by-identity.ts'], { env });
    expect(byIdentity).toEqual({ stdout: 'by identity', stderr: '' });
    const busRequests = await control.requests({ part: 'service-bus' });
    const sentBy = busRequests.filter(({ request }) => request === 'send token-requests');
    expect(sentBy.map(({ identity }) => identity)).toEqual(['keyturn']);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops all parts within two seconds at %s and leaves no process',
    async (signal) => {
      const cloud = await start();
      await cloud.up();
      expect(processesOf(cloud).length).toBeGreaterThan(1);
      const signalledAt = performance.now();
      cloud.child.kill(signal);
      expect(await cloud.ended()).toEqual({ code: 0, signal: null });
      expect(performance.now() - signalledAt).toBeLessThan(2_000);
      expect(processesOf(cloud)).toEqual([]);
    },
  );

  it('leaves no process behind when it is stopped while it starts', async () => {
    const cloud = await start();
    while (processesOf(cloud).length < 2) await new Promise((resolve) => setImmediate(resolve));
    cloud.child.kill('SIGINT');
    expect(await cloud.ended()).toMatchObject({ code: 0 });
    await expect.poll(() => processesOf(cloud), { timeout: 5_000 }).toEqual([]);
  });

  it('leaves no Azurite behind when it is killed', async () => {
    const cloud = await start(['--only', 'storage']);
    await cloud.up();
    cloud.child.kill('SIGKILL');
    await cloud.ended();
    await expect.poll(() => processesOf(cloud), { timeout: 10_000 }).toEqual([]);
  });

  it.each([
    ['identity', ['identity']],
    ['storage', ['blob storage', 'queue storage', 'table storage']],
    ['service-bus', ['service-bus']],
    ['registry', ['resource-manager', 'login-server contoso']],
    ['key-vault', ['key vault keyturn']],
  ])('starts %s alone, with the control API', async (part, endpoints) => {
    const cloud = await start(['--only', part, '--port', '0']);
    await cloud.up();
    for (const name of endpoints) expect(cloud.output).toContain(name);
    const rows = cloud.output.split('\n').filter((line) => /:\/\//.test(line));
    expect(rows.map((row) => row.trim().split(' ')[0])).toContain('control');
    expect(cloud.output).not.toMatch(part === 'identity' ? /Key Vault|amqp/ : /msi\/token/);
  });

  it('ends with one line and exit code 2 when a port is taken', async () => {
    const server = createServer();
    const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'this test');
    const cloud = await start([], (config) => {
      config.ports.table = port;
    });
    expect(await cloud.ended()).toMatchObject({ code: 2 });
    expect(cloud.output).toBe(`Port ${port} on 127.0.0.1, for storage, is taken by another program\n`);
    expect(processesOf(cloud)).toEqual([]);
    server.close();
  });

  it.each<[string, (config: CloudConfigFile) => void, RegExp]>([
    [
      'an unknown setting',
      (config) => Object.assign(config, { colour: 'red' }),
      /Unrecognized key: "colour"/,
    ],
    ['a port that is none', (config) => Object.assign(config.ports, { blob: 70_000 }), /ports\.blob/],
    [
      'an identity for the app that it does not have',
      (config) => Object.assign(config, { appIdentity: 'nobody' }),
      /appIdentity: There is no such identity/,
    ],
    [
      'a missing Service Bus file',
      (config) => Object.assign(config, { serviceBus: 'gone.json' }),
      /gone\.json cannot be read/,
    ],
    [
      'a registry of a bad name',
      (config) => Object.assign(config.registry.registries[0] ?? {}, { name: 'a' }),
      /registry\.registries\.0\.name/,
    ],
  ])('ends with one line and exit code 2 when the config has %s', async (_, changeConfig, line) => {
    const cloud = await start([], changeConfig);
    expect(await cloud.ended()).toMatchObject({ code: 2 });
    expect(cloud.output).toMatch(line);
    expect(cloud.output.trimEnd()).not.toContain('\n');
  });

  it('ends with one line and exit code 2 for an unknown option, and shows help when asked', () => {
    const unknown = spawnSync(process.execPath, ['infra/local/start.ts', '--colour'], { encoding: 'utf8' });
    expect([unknown.status, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toBe("Unknown option '--colour'; npm run cloud -- --help says what it takes\n");
    const help = spawnSync(process.execPath, ['infra/local/start.ts', '--help'], { encoding: 'utf8' });
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('--only PART');
  });

  it('ends with one line and exit code 2 when the config file is not JSON', () => {
    const words = ['infra/local/start.ts', '--config', 'README.md'];
    const broken = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(broken.status).toBe(2);
    expect(broken.stderr).toMatch(/^The config file README\.md is not JSON: .*\n$/);
  });
});
