import { Requester } from '../commands/requester.ts';
import { Prober, withProber } from '../prober.ts';
import { RunningService } from '../running-service.ts';

export interface ProbedService {
  readonly service: RunningService;
  readonly requester: Requester;
  readonly prober: Prober;
  close(): Promise<void>;
}

/** With a registry that accepts its passwords at once, so that a try takes no longer than its calls. */
export async function startProbedService(): Promise<ProbedService> {
  const service = await RunningService.start({
    changeCloud: withProber,
    registrySettings: { replicationSeconds: 0 },
    changeConfiguration: ({ registries }) => {
      for (const registry of Object.values(registries)) registry.settleAfter = 'PT0S';
    },
  });
  const requester = await Requester.open(service);
  const prober = await Prober.start(service);
  return {
    service,
    requester,
    prober,
    close: async () => {
      await prober.close();
      await requester.close();
      await service.close();
    },
  };
}
