import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithPackages } from '../../debian-packages.ts';
import { eventually } from '../functions-host/sample-app/durable-api.ts';

describeWithPackages(['docker-registry'], 'docker-registry', () => {
  it('ends when whoever started it is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-docker-registry-'));
    const script = `
      const { findDockerRegistry, startDockerRegistry } =
        await import('./infra/local/registry/docker-registry-process.ts');
      const { url } = await startDockerRegistry(await findDockerRegistry(), process.argv[1]);
      process.stdout.write(url);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [said] = await once(parent.stdout, 'data');
      const answers = () =>
        fetch(`${String(said)}/v2/`).then(
          ({ status }) => status,
          () => 'nobody',
        );
      expect(await answers()).toBe(200);
      parent.kill('SIGKILL');
      expect(await eventually('docker-registry', answers, (answer) => answer === 'nobody')).toBe('nobody');
    } finally {
      parent.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});
