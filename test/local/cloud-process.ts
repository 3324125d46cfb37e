import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** The `npm run cloud` command as a process of its own, on free ports and with data of its own. */
export class CloudProcess {
  readonly child: ChildProcess;
  readonly folder: string;
  #output = '';
  readonly #ended: Promise<{ code: number | null; signal: string | null }>;

  private constructor(child: ChildProcess, folder: string) {
    this.child = child;
    this.folder = folder;
    child.stdout?.on('data', (chunk) => {
      this.#output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      this.#output += chunk;
    });
    this.#ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** Starts the command with these words; `changeConfig` alters the shipped config, which is put on free ports first. */
  static async start(
    words: readonly string[] = [],
    changeConfig: (config: CloudConfigFile) => void = () => {},
  ): Promise<CloudProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-cloud-'));
    const config = JSON.parse(await readFile('infra/local/cloud.config.json', 'utf8')) as CloudConfigFile;
    for (const name of Object.keys(config.ports)) config.ports[name] = 0;
    for (const registry of config.registry.registries) registry.loginServerPort = 0;
    for (const vault of config.keyVault.vaults) vault.port = 0;
    config.serviceBus = join(process.cwd(), 'infra/local/service-bus.config.json');
    changeConfig(config);
    const configFile = join(folder, 'cloud.config.json');
    await writeFile(configFile, JSON.stringify(config));
    const places = ['--config', configFile, '--data', folder];
    const child = spawn(process.execPath, ['infra/local/start.ts', ...places, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new CloudProcess(child, folder);
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves when the command said that it is up. @throws Error with its output when it ended instead. */
  async up(): Promise<void> {
    const ended = this.#ended.then(() => {
      throw new Error(`The cloud ended:\n${this.#output}`);
    });
    ended.catch(() => {});
    while (!this.#output.includes('Ctrl-C stops it')) {
      await Promise.race([once(this.child.stdout ?? this.child, 'data'), ended]);
    }
  }

  /** What the command wrote for clients. */
  async environment(): Promise<Record<string, string>> {
    return parseEnv(await readFile(join(this.folder, 'cloud.env'), 'utf8')) as Record<string, string>;
  }

  ended(): Promise<{ code: number | null; signal: string | null }> {
    return this.#ended;
  }

  /** Stops the command if it still runs, and removes its data. */
  async dispose(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.#ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The parts of the shipped config that tests change. */
export interface CloudConfigFile {
  ports: Record<string, number>;
  registry: { registries: { loginServerPort: number }[] };
  keyVault: { vaults: { port: number }[] };
  serviceBus: string;
  [other: string]: unknown;
}
