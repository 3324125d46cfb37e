import { readFileSync } from 'node:fs';
import { ServiceBusClient, type ServiceBusReceiver } from '@azure/service-bus';
import { systemClock } from '../../adapters/system-clock.ts';
import { serviceBusConnection } from '../../configuration/connections.ts';
import { operatorCredentials } from '../operator-credentials.ts';
import { runCommand } from '../run-command.ts';
import { useSettings } from '../settings-file.ts';
import { UsageError } from '../usage-error.ts';
import { bodyOf, openReceiver, peekMessage, peekMessages, takeMessage } from './bus-messages.ts';
import { help, type MessageCommand, parseCommandLine } from './command-line.ts';
import { messageLine } from './message-line.ts';
import { resentMessage } from './resent-message.ts';

const actions: Readonly<
  Record<
    MessageCommand['action'],
    (receiver: ServiceBusReceiver, command: MessageCommand, client: ServiceBusClient) => Promise<void>
  >
> = {
  async list(receiver, { limit, source }) {
    let count = 0;
    for await (const message of peekMessages(receiver, limit)) {
      print(messageLine(message));
      count += 1;
    }
    print(`${count} messages in ${source}${count === limit ? ', and maybe more (--limit)' : ''}.`);
  },
  async show(receiver, { sequence }) {
    const message = await peekMessage(receiver, sequence);
    print(Buffer.from(bodyOf(message)).toString());
  },
  async resend(receiver, command, client) {
    const { sequence, to, bodyFile, unchanged } = command;
    const body = bodyFile === undefined ? undefined : readBody(bodyFile);
    const now = systemClock.now().toISOString();
    await takeMessage(receiver, sequence, (message) =>
      client.createSender(to).sendMessages(resentMessage(message, { body, unchanged, now })),
    );
    print(`Sent ${sequence} to ${to}, and removed it from ${command.source}.`);
  },
  async drop(receiver, { sequence, source }) {
    await takeMessage(receiver, sequence, async () => undefined);
    print(`Removed ${sequence} from ${source}.`);
  },
};

function openClient({ settingsFiles }: MessageCommand): ServiceBusClient {
  const environment = useSettings(settingsFiles);
  const connection = serviceBusConnection(environment);
  return connection.kind === 'identity'
    ? new ServiceBusClient(connection.endpoint, operatorCredentials(environment).of(connection.clientId))
    : new ServiceBusClient(connection.connectionString);
}

function readBody(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    throw new UsageError(`The file ${file} cannot be read.`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await runCommand(async () => {
  const command = parseCommandLine(process.argv.slice(2));
  if (command === 'help') {
    print(help.trimEnd());
    return 0;
  }
  const client = openClient(command);
  try {
    await actions[command.action](openReceiver(client, command), command, client);
    return 0;
  } finally {
    await client.close();
  }
});
