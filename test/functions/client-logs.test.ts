import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the clients of Azure log warnings at most, whatever the environment says', async () => {
  const script = `
    await import('./functions/client-logs.ts');
    const { createClientLogger } = await import('@azure/logger');
    const logger = createClientLogger('any-client');
    logger.verbose('a header');
    logger.info('an address');
    logger.warning('something to know');
  `;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, AZURE_LOG_LEVEL: 'verbose' },
  });
  expect(stderr).toContain('something to know');
  expect(stderr).not.toMatch(/a header|an address/);
});
