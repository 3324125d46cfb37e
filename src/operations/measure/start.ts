import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { AcrControlPlane } from '../../adapters/acr-control-plane.ts';
import { AcrLoginServer } from '../../adapters/acr-login-server.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { operatorCredentials } from '../operator-credentials.ts';
import { runCommand } from '../run-command.ts';
import { useSettings } from '../settings-file.ts';
import { help, type MeasureCommand, parseCommandLine } from './command-line.ts';
import { measure } from './measure.ts';
import { adviceLines, measuredLine } from './measured-lines.ts';
import type { Bench, Measured } from './measurement.ts';

const armScope = 'https://management.azure.com/.default';

await runCommand(async () => {
  const command = parseCommandLine(process.argv.slice(2));
  if (command === 'help') {
    process.stdout.write(help);
    return 0;
  }
  const measured: Measured[] = [];
  for await (const each of measure(await openBench(command), command.repeats)) {
    measured.push(each);
    process.stdout.write(`${command.json ? JSON.stringify(each) : measuredLine(each)}\n`);
  }
  if (!command.json) process.stdout.write(`\n${adviceLines(measured).join('\n')}\n`);
  return 0;
});

async function openBench(command: MeasureCommand): Promise<Bench> {
  const credential = operatorCredentials(useSettings(command.settingsFiles)).of(undefined);
  const clock = systemClock;
  const resourceManager = { endpoint: command.resourceManager, scope: armScope };
  const registry = new AcrControlPlane({ resourceId: command.registry, credential, resourceManager, clock });
  const hosts =
    command.loginServers.length > 0 ? command.loginServers : [(await registry.readRegistry()).loginServer];
  return {
    ...command,
    registry,
    loginServers: new Map(
      hosts.map((loginServer) => [loginServer, new AcrLoginServer({ loginServer, clock })]),
    ),
    token: `keyturn-measure-${randomBytes(4).toString('hex')}`,
    clock,
    pause: async (milliseconds) => {
      await setTimeout(milliseconds);
    },
  };
}
