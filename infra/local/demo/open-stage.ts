import { Entrances } from './entrances.ts';
import { LoginServer } from './login-server.ts';
import { Prober } from './prober.ts';
import type { Screen } from './screen.ts';
import type { DemoService } from './service.ts';
import type { Stage } from './story/stage.ts';
import { TokenEvents } from './token-events.ts';
import { VaultReader } from './vault-reader.ts';

/** Opens the clients of all who have a part in the demo. @param readingTime between the steps, in milliseconds */
export function openStage({ cloud, control }: DemoService, screen: Screen, readingTime: number): Stage {
  const setting = (name: string): string => {
    const value = cloud.environment[name];
    if (value === undefined) throw new Error(`The local cloud has no ${name}.`);
    return value;
  };
  const loginServerUrl = cloud.endpoints.find(([, name]) => name === 'login-server contoso')?.[2] ?? '';
  const connection = setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING');
  const now = () => cloud.clock.now();
  const reader = new VaultReader(setting('KEY_VAULT_URL'));
  const loginServer = new LoginServer(new URL(loginServerUrl).host);
  return {
    screen,
    control,
    now,
    armEndpoint: setting('AZURE_RESOURCE_MANAGER_ENDPOINT'),
    registryId: setting('REGISTRY_RESOURCE_ID'),
    entrances: new Entrances(connection, now),
    events: new TokenEvents(connection, ({ message }) => screen.say(`  Service Bus: ${message}`)),
    reader,
    loginServer,
    prober: new Prober({
      now,
      read: (secretName) => reader.read(secretName),
      logIn: async (token, password) => (await loginServer.logIn(token, password)).status,
    }),
    readingTime,
  };
}
