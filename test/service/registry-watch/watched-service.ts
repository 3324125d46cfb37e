import type { CloudConfig } from '../../../infra/local/cloud-config.ts';
import type { Drift } from '../../../src/contracts/event-data.ts';
import type { EventOf } from '../../../src/contracts/events.ts';
import type { RegistryFinding } from '../../../src/contracts/findings.ts';
import type { Messages } from '../messages.ts';
import type { KeyturnConfiguration } from '../running-service.ts';

/** A second registry, to do things to that would disturb the first one. */
export const other = 'fabrikam';

export function withOtherRegistry(config: CloudConfig): CloudConfig {
  const { registries } = config.registry;
  const more = registries.map((registry) => ({ ...registry, name: other, loginServerPort: 0 }));
  return { ...config, registry: { ...config.registry, registries: [...registries, ...more] } };
}

/** Whole registries are compared every hour, as shipped. */
export function watchClosely(configuration: KeyturnConfiguration): void {
  configuration.reconcile = { ...configuration.reconcile, registriesSchedule: '0 7 * * * *' };
}

type Detected = EventOf<'keyturn.registry.drift-detected'>;

/** What was told of registries, as a listener of the topic sees it. */
export class RegistryEvents {
  readonly #messages: Messages;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  detected(finding: RegistryFinding, about: string): Detected[] {
    return this.#messages.events.flatMap((event) =>
      event.type === 'keyturn.registry.drift-detected' &&
      event.data.drift.finding === finding &&
      about === (event.data.token ?? event.data.registry)
        ? [event]
        : [],
    );
  }

  /** Resolves with what was told as the `number`-th about a registry, or about a token that nobody manages. */
  async told(finding: RegistryFinding, about: string, number = 1): Promise<Detected & { drift: Drift }> {
    await this.#messages.until(
      `${finding} of ${about}`,
      () => this.detected(finding, about).length >= number,
      30_000,
    );
    const event = this.detected(finding, about)[number - 1];
    if (!event) throw new Error('The event is gone.');
    return { ...event, drift: event.data.drift };
  }

  async over(finding: RegistryFinding, about: string, number = 1): Promise<void> {
    const ended = () =>
      this.#messages.events.filter(
        ({ type, data }) =>
          type === 'keyturn.registry.drift-resolved' &&
          'finding' in data &&
          data.finding === finding &&
          about === (data.token ?? data.registry),
      ).length;
    await this.#messages.until(`the end of ${finding} of ${about}`, () => ended() >= number, 30_000);
  }
}
