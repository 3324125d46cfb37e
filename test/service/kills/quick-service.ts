import { Prober, withProber } from '../prober.ts';
import { RunningService, type ServiceOptions } from '../running-service.ts';

/**
 * A service that takes up again within seconds what a host left behind, which here can be relied on: all hosts live by
 * one clock, and the local cloud does at once what it is asked. On Azure both take minutes.
 */
export async function startQuickService(
  options: Pick<ServiceOptions, 'registrySettings'> = {},
): Promise<{ service: RunningService; prober: Prober }> {
  const service = await RunningService.startCloud({
    ...options,
    redeliveryDelay: 'PT2S',
    changeCloud: withProber,
    changeConfiguration: (configuration) => {
      configuration.lease = { length: 'PT5S', margin: 'PT2S' };
    },
  });
  return { service, prober: await Prober.start(service) };
}
