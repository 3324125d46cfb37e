import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Effect, readJournal } from '../../../sample-app/journal.ts';
import { HostProcess, type HostProcessOptions } from './host-process.ts';

/** A task hub and a world outside that hosts of the sample app share, one after the other or at the same time. */
export class Office {
  readonly dataFolder: string;
  readonly #folder: string;
  readonly #hosts: HostProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
    this.dataFolder = join(folder, 'data');
  }

  static async open(): Promise<Office> {
    return new Office(await mkdtemp(join(tmpdir(), 'sample-app-')));
  }

  /** The store that the hosts share. */
  get taskHubFile(): string {
    return join(this.dataFolder, 'sampleapp.sqlite');
  }

  /** Starts a host of the app, which is not up yet. */
  spawnHost(options: Omit<HostProcessOptions, 'dataFolder'> = {}): HostProcess {
    const settings = { JOURNAL_FOLDER: this.#folder, ...options.settings };
    const host = HostProcess.spawn({ ...options, dataFolder: this.dataFolder, settings });
    this.#hosts.push(host);
    return host;
  }

  /** Starts a host of the app and resolves when it is up. */
  async startHost(options: Omit<HostProcessOptions, 'dataFolder'> = {}): Promise<HostProcess> {
    const host = this.spawnHost(options);
    await host.up();
    return host;
  }

  /** Everything that activities did, oldest first. */
  effects(): Promise<Effect[]> {
    return readJournal(join(this.#folder, 'journal.jsonl'));
  }

  async effectsOf(instanceId: string): Promise<string[]> {
    return (await this.effects())
      .filter((line) => line.instanceId === instanceId)
      .map(({ effect }) => effect);
  }

  /** Lets documents that wait at the counter of that name be signed. */
  openCounter(name: string): Promise<void> {
    return writeFile(join(this.#folder, `${name}.open`), '');
  }

  /** Kills the hosts and removes everything. */
  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
