import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { ControlClient } from '../../../infra/local/control/control-client.ts';
import { listen } from '../../../infra/local/http/listen.ts';
import { repetitions } from '../../counts.ts';
import { DemoProcess } from './demo-process.ts';

const run = promisify(execFile);
const patience = 240_000;
const started: DemoProcess[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((demo) => demo.dispose()));
});

async function tracked(starting: Promise<DemoProcess>): Promise<DemoProcess> {
  const demo = await starting;
  started.push(demo);
  return demo;
}

function lines(text: string, pattern: RegExp): string[] {
  return text.split('\n').filter((line) => pattern.test(line));
}

describe('npm start -- --once', { timeout: patience }, () => {
  it('shows tokens from request to end, and ends with exit code 0', async () => {
    const months = repetitions({ quick: 2, soak: 12 });
    const demo = await tracked(DemoProcess.byNpm('--once', '--months', String(months)));
    expect(await demo.ended, demo.errors).toEqual({ code: 0, signal: null });
    const { output } = demo;
    for (const token of ['team-web', 'partner-acme', 'device-0001']) {
      expect(lines(output, new RegExp(`${token} +provisioned password1 until`))).toHaveLength(1);
      expect(output).toMatch(new RegExp(`${token} +active +password1 .*acr-contoso--${token}`));
    }
    expect(output).toMatch(/team-web +logs in.* may pull and push/);
    expect(output).toMatch(/partner-acme +logs in.* may pull$/m);
    expect(lines(output, / rotated /).length).toBeGreaterThanOrEqual(months * 1.5);
    expect(output).toMatch(/partner-acme +disabled +contract paused/);
    expect(output).toMatch(/team-web +revoked +seen in a build log/);
    expect(output).toMatch(/device-0001 +deleted +device scrapped/);
    const [, logins, withPrevious] = /logged in (\d+) times, (\d+) of them .*; 0 failed/.exec(output) ?? [];
    expect(Number(logins)).toBeGreaterThan(Number(withPrevious));
    expect(Number(withPrevious)).toBeGreaterThan(0);
    expect(output).toContain('All went as told');
    const told = output.slice(output.indexOf('Keyturn on this machine'));
    expect(lines(told, /.{101}/), 'lines that a terminal of 100 columns would break').toEqual([]);
    expect(output.includes('\x1b'), 'colours in a pipe').toBe(false);
    expect(demo.processes()).toEqual([]);
  });

  it('ends with exit code 1 and says so when a login of the prober fails', async () => {
    const demo = await tracked(DemoProcess.byNpm('--once'));
    await demo.says('several times a second');
    const control = new ControlClient((await demo.environment()).KEYTURN_LOCAL_CONTROL_URL ?? '');
    await control.injectFault({ part: 'login-server', effect: { kind: 'fail', status: 503 } });
    expect((await demo.ended).code).toBe(1);
    expect(demo.errors).toMatch(
      /^Not as told: The prober's login with the \w+ password of [\w-]+ failed \(503\)$/m,
    );
    expect(demo.output).not.toContain('All went as told');
    expect(demo.processes()).toEqual([]);
  });

  it('ends with exit code 1 and says so when Keyturn ends', async () => {
    const demo = await tracked(DemoProcess.start('--once'));
    await demo.says('Both are up');
    const host = demo.processes().find(({ words }) => words.includes('demo-host'));
    process.kill(host?.id ?? 0, 'SIGKILL');
    expect(await demo.ended).toEqual({ code: 1, signal: null });
    expect(demo.errors).toContain("Not as told: Keyturn's Functions host has ended (SIGKILL)\n");
    expect(demo.processes()).toEqual([]);
  });
});

describe('npm start', { timeout: patience }, () => {
  it('stays up for requests of the reader, and Ctrl-C leaves no process', async () => {
    const demo = await tracked(DemoProcess.start('--months', '1'));
    await demo.says('Now it is yours');
    const env = { ...process.env, ...(await demo.environment()) };
    const example = ['infra/local/examples/request-token.ts'];
    const mine = await run(process.execPath, [...example, 'team-api', 'teams/api'], { env });
    expect(mine.stdout).toContain('it logs in and may pull and push.');
    await demo.says('team-api      provisioned password1');
    const denied = run(process.execPath, [...example, 'partner-api', 'teams/api'], { env });
    await expect(denied).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('request-denied: tokenNameNotAllowed partner-api'),
    });
    const [, key = '', url = ''] = /curl -H '(x-functions-key: \S+)' \\\n +(\S+)/.exec(demo.output) ?? [];
    const [header = '', value = ''] = key.split(': ');
    const { tokens } = (await (await fetch(url, { headers: { [header]: value } })).json()) as {
      tokens: { token: string; status: string }[];
    };
    expect(tokens).toContainEqual(expect.objectContaining({ token: 'team-api', status: 'active' }));
    expect(tokens).toContainEqual(expect.objectContaining({ token: 'team-web', status: 'revoked' }));
    demo.child.kill('SIGINT');
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    expect(demo.processes()).toEqual([]);
  });

  it('leaves no process behind when it is stopped while it starts, or killed where no other program is installed', async () => {
    const stopped = await tracked(DemoProcess.start());
    await expect.poll(() => stopped.processes().length, { timeout: 60_000 }).toBeGreaterThan(1);
    stopped.child.kill('SIGINT');
    expect(await stopped.ended).toMatchObject({ code: 0 });
    await expect.poll(() => stopped.processes(), { timeout: 10_000 }).toEqual([]);
    const killed = await tracked(DemoProcess.startWithoutPath());
    await killed.says('Both are up');
    killed.child.kill('SIGKILL');
    await killed.ended;
    await expect.poll(() => killed.processes(), { timeout: 10_000 }).toEqual([]);
  });

  it('ends with one line and exit code 2 when a port is taken', async () => {
    const server = createServer();
    const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'this test');
    const demo = await tracked(DemoProcess.start('--port', String(port)));
    expect(await demo.ended).toEqual({ code: 2, signal: null });
    expect(demo.errors).toBe(
      `Port ${port} on 127.0.0.1, for the Functions host, is taken by another program\n`,
    );
    expect(demo.processes()).toEqual([]);
    server.close();
  });

  it('ends with one line and exit code 2 for an unknown option, and shows help when asked', () => {
    const start = (word: string) =>
      spawnSync(process.execPath, ['infra/local/demo/start.ts', word], { encoding: 'utf8' });
    const unknown = start('--colour');
    expect([unknown.status, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toBe("Unknown option '--colour'; npm start -- --help says what it takes\n");
    const help = start('--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('npm start -- --once');
  });
});
