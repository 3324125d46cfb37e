import { randomUUID } from 'node:crypto';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { ServiceBusClient } from '@azure/service-bus';
import { ControlClient } from '../control/control-client.ts';
import { LoginServer } from '../demo/login-server.ts';
import { setting } from './setting.ts';

const [token = 'team-api', repository = 'teams/api'] = process.argv.slice(2);
const entrance = 'token-requests';
const readerClientId = '0a0a0a0a-0000-4000-8000-000000000003';
const id = randomUUID();

const client = new ServiceBusClient(setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING'));
const now = await new ControlClient(setting('KEYTURN_LOCAL_CONTROL_URL')).now();
await client.createSender(entrance).sendMessages({
  messageId: randomUUID(),
  contentType: 'application/cloudevents+json',
  body: {
    specversion: '1.0',
    id,
    source: '/self-service/example',
    type: 'keyturn.token.requested',
    time: now.toISOString(),
    subject: `contoso/${token}`,
    data: {
      registry: 'contoso',
      token,
      owner: 'team-example',
      access: { repositories: { [repository]: ['content/read', 'content/write'] } },
    },
  },
});
process.stdout.write(
  `Asked ${entrance} for a token ${token} that may push to and pull from ${repository}.\n`,
);

const event = await answer();
await client.close();
const { rule, detail, secretUri, expiresAt, nextRotation, loginServer = '' } = event.data;
if (secretUri === undefined) {
  process.stdout.write(`${event.type}: ${rule ?? event.data.code ?? ''} ${detail ?? ''}\n`);
  process.exit(1);
}
process.stdout.write(
  `${event.type}\n  its password is at  ${secretUri}\n  expires             ${expiresAt}\n` +
    `  will be replaced    ${nextRotation}\n`,
);

const { origin, pathname } = new URL(secretUri);
const credential = new ManagedIdentityCredential({ clientId: readerClientId });
const vault = new SecretClient(origin, credential, { disableChallengeResourceVerification: true });
const { value: password = '' } = await vault.getSecret(pathname.slice('/secrets/'.length));
const { status, granted } = await new LoginServer(loginServer).logIn(token, password, { repository });
if (status !== 200) throw new Error(`The login server answered ${status}`);
process.stdout.write(
  `The identity "reader" takes the password out of the vault; it logs in and may ${granted.join(' and ')}.\n` +
    `To try it yourself:\n\n  SSL_CERT_FILE=${setting('NODE_EXTRA_CA_CERTS')} ` +
    `skopeo login ${loginServer} -u ${token} -p '${password}'\n`,
);

interface Answer {
  readonly type: string;
  readonly data: Readonly<Partial<Record<string, string>>>;
}

/** The event about this request, off the subscription that is for this entrance's senders. */
async function answer(): Promise<Answer> {
  const receiver = client.createReceiver('token-events', entrance, { receiveMode: 'receiveAndDelete' });
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 5_000 });
    const found = messages.find(({ body }) => body.data.command?.id === id);
    if (found) return found.body;
  }
  throw new Error('No answer came within a minute. Does Keyturn run?');
}
