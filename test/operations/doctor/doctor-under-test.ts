import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { environmentFileText } from '../../../infra/local/environment-file.ts';
import { connect } from '../../../src/adapters/connect.ts';
import { systemClock } from '../../../src/adapters/system-clock.ts';
import { loadConfiguration } from '../../../src/application/load-configuration.ts';
import type { Diagnosis } from '../../../src/operations/doctor/diagnosis.ts';
import { runDoctor } from '../../../src/operations/doctor/run-doctor.ts';
import { type KeyturnConfiguration, RunningService } from '../../service/running-service.ts';

type Settings = Readonly<Record<string, string | undefined>>;
type Options = Parameters<typeof RunningService.startCloud>[0];

interface Changes {
  readonly settings?: Settings;
  readonly configuration?: (configuration: KeyturnConfiguration) => void;
  /** Writes no secret unless this says so. */
  readonly canary?: boolean;
}

/** The doctor, and a local cloud for it to look at, on which nothing runs. */
export class DoctorUnderTest {
  readonly service: RunningService;
  /** Every line that it said here. */
  readonly said: Diagnosis[] = [];

  private constructor(service: RunningService) {
    this.service = service;
  }

  static async start(options?: Options): Promise<DoctorUnderTest> {
    const service = await RunningService.startCloud(options);
    const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = service.cloud.environment;
    Object.assign(process.env, { IDENTITY_ENDPOINT, IDENTITY_HEADER });
    return new DoctorUnderTest(service);
  }

  /** Its lines, for the settings of the app with some of them changed. */
  examine({ settings, configuration, canary = false }: Changes = {}): Promise<Diagnosis[]> {
    const environment = { ...this.#changed(configuration), ...settings };
    const show = (diagnosis: Diagnosis) => this.said.push(diagnosis);
    return runDoctor({ environment, canary, clock: systemClock, show });
  }

  /** The settings with which Keyturn runs as another identity of the local cloud. */
  settingsOf(clientId: string): Settings {
    return { ServiceBus__clientId: clientId, Records__clientId: clientId };
  }

  /** What Keyturn itself would work with. */
  connect() {
    const configuration = loadConfiguration(this.service.settings);
    const ports = connect(configuration, this.service.settings, systemClock);
    return { ...ports, configuration, events: ports.messages };
  }

  /** Runs the command as a user does, with the settings in a file. */
  async command(words: readonly string[], settings: Settings = {}, path?: string) {
    const file = join(this.service.folder, 'doctor.env');
    const all = Object.entries({ ...this.service.settings, ...settings });
    const present = all.filter((entry): entry is [string, string] => entry[1] !== undefined);
    await writeFile(file, environmentFileText(Object.fromEntries(present)));
    return runCommand([...words, '--settings', file], path);
  }

  close(): Promise<void> {
    return this.service.close();
  }

  #changed(change: Changes['configuration']): Settings {
    if (!change) return this.service.settings;
    const configuration = JSON.parse(this.service.setting('KEYTURN_CONFIGURATION')) as KeyturnConfiguration;
    change(configuration);
    return { ...this.service.settings, KEYTURN_CONFIGURATION: JSON.stringify(configuration) };
  }
}

/** @param path where programs are looked for first */
export async function runCommand(words: readonly string[], path?: string) {
  const { IDENTITY_ENDPOINT: _endpoint, IDENTITY_HEADER: _header, ...inherited } = process.env;
  const env = path === undefined ? inherited : { ...inherited, PATH: `${path}:${inherited.PATH}` };
  const child = spawn(process.execPath, ['src/operations/doctor/start.ts', ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { output: '', errors: '' };
  child.stdout.on('data', (chunk) => {
    texts.output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    texts.errors += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

const azureResources = [
  'https://management.azure.com',
  'https://vault.azure.net',
  'https://servicebus.azure.net',
  'https://storage.azure.com',
];

/** A program `az` in a folder of its own, of somebody who has logged in as an identity of the local cloud. */
export async function logInWithAz(service: RunningService, identity: string): Promise<string> {
  const folder = join(service.folder, 'az');
  await mkdir(folder, { recursive: true });
  const credential = await service.credential(identity);
  const answers = await Promise.all(
    azureResources.map(async (resource) => {
      const token = await credential.getToken(`${resource}/.default`);
      const answer = { accessToken: token?.token, expires_on: Math.floor(Date.now() / 1_000) + 3_600 };
      return `*${resource}*) echo '${JSON.stringify(answer)}' ;;`;
    }),
  );
  const script = [
    '#!/bin/sh',
    'case "$*" in',
    ...answers,
    '*) echo "not known here" >&2; exit 1 ;;',
    'esac',
    '',
  ];
  await writeFile(join(folder, 'az'), script.join('\n'), { mode: 0o700 });
  return folder;
}

/** A port on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** The lines that are not green, as `red queue no-such-queue: there is no such queue`. */
export function notGreen(lines: readonly Diagnosis[]): string[] {
  return lines
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ verdict, kind, name, says }) => `${verdict} ${kind} ${name}: ${says}`);
}
