import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** The demo as a process of its own, with data of its own. */
export class DemoProcess {
  readonly child: ChildProcess;
  readonly folder: string;
  output = '';
  errors = '';
  readonly ended: Promise<{ code: number | null; signal: string | null }>;

  private constructor(child: ChildProcess, folder: string) {
    this.child = child;
    this.folder = folder;
    child.stdout?.on('data', (chunk) => {
      this.output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      this.errors += chunk;
    });
    this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** `npm start`, on free ports unless the words say otherwise. */
  static byNpm(...words: readonly string[]): Promise<DemoProcess> {
    return DemoProcess.#spawn('npm', ['start', '--', '--free-ports', ...words]);
  }

  /** What `npm start` runs, without npm in between, so that signals reach it. */
  static start(...words: readonly string[]): Promise<DemoProcess> {
    return DemoProcess.#spawn(process.execPath, ['infra/local/demo/start.ts', '--free-ports', ...words]);
  }

  /** On a machine where no program is found by its name, neither docker-registry nor skopeo. */
  static startWithoutPath(): Promise<DemoProcess> {
    const words = ['infra/local/demo/start.ts', '--free-ports'];
    return DemoProcess.#spawn(process.execPath, words, { PATH: '/nonexistent' });
  }

  static async #spawn(
    program: string,
    words: readonly string[],
    changes: Readonly<Record<string, string>> = {},
  ): Promise<DemoProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-demo-'));
    const { FORCE_COLOR: _forced, NO_COLOR: _unwanted, ...env } = process.env;
    const child = spawn(program, [...words, '--data', folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, ...changes },
    });
    return new DemoProcess(child, folder);
  }

  /** Resolves when the demo has said something. @throws Error with all that it said when it ended instead */
  async says(text: string): Promise<void> {
    const ended = this.ended.then(() => {
      if (!this.output.includes(text)) throw new Error(`Not said: ${text}\n${this.output}\n${this.errors}`);
    });
    ended.catch(() => {});
    while (!this.output.includes(text)) {
      await Promise.race([once(this.child.stdout ?? this.child, 'data'), ended]);
    }
  }

  /** What the demo wrote for clients. */
  async environment(): Promise<Record<string, string>> {
    return parseEnv(await readFile(join(this.folder, 'cloud.env'), 'utf8')) as Record<string, string>;
  }

  /** The processes whose command line names this demo's data folder. */
  processes(): { readonly id: number; readonly words: string }[] {
    const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
    return stdout
      .split('\n')
      .filter((line) => line.includes(this.folder))
      .map((line) => ({ id: Number.parseInt(line, 10), words: line }));
  }

  async dispose(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}
