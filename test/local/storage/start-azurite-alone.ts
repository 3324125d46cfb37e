import { join } from 'node:path';
import { openCertificates } from '../../../infra/local/certificates.ts';
import { startAzurite } from '../../../infra/local/storage/azurite-process.ts';

/**
 * Starts Azurite in a folder, says with which process id, and waits to be killed; with a second word it ends in good
 * order when it is told to.
 */
const [folder = '', inGoodOrder] = process.argv.slice(2);
const azurite = await startAzurite(
  join(folder, 'storage'),
  await openCertificates(join(folder, 'certificates')),
);
if (inGoodOrder) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => azurite.stop().then(() => process.exit()));
}
process.stdout.write(`${azurite.processId}\n`);
setInterval(() => {}, 60_000);
