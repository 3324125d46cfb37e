import type { Registry } from '../configuration/configuration.ts';
import type { RegistryFacts } from '../ports/token-registry.ts';
import type { Look } from './check-registry.ts';
import { type FindingPorts, raiseFinding, resolveFinding } from './raise-finding.ts';

/** Most tokens of a registry, by tier. Source: Azure Container Registry service limits. */
const mostTokens: Readonly<Record<string, number>> = { basic: 100, standard: 500, premium: 50_000 };

/** Undefined: the tier is not known. */
export function tokenLimit(sku: string): number | undefined {
  return mostTokens[sku.toLowerCase()];
}

/** What is told, in hundredths of the limit; each once, so that not every new token is news. */
const steps = [100, 95, 90, 80];

/** The step that a registry has reached, and its limit; undefined: there is room, or its tier is not known. */
export function capacityStep(tokens: number, sku: string): { step: number; limit: number } | undefined {
  const limit = tokenLimit(sku);
  const step = limit && steps.find((each) => tokens >= (each / 100) * limit);
  return limit && step ? { step, limit } : undefined;
}

/** Whether a registry has room for more tokens. @throws ServiceFailure */
export async function checkCapacity(
  registry: Registry,
  tokens: number,
  { sku }: Pick<RegistryFacts, 'sku'>,
  { now, noticedBy }: Look,
  ports: FindingPorts,
): Promise<void> {
  const finding = 'capacityShort';
  const reached = capacityStep(tokens, sku);
  if (!reached) {
    await resolveFinding({ registry: registry.name, finding }, now, ports);
    return;
  }
  const { step, limit } = reached;
  const differences = [{ what: 'tokens', believed: `${limit} at most`, found: `${step} % of that` }];
  const evidence = [`The registry had ${tokens} of ${limit} tokens, the limit of its tier ${sku}.`];
  const attribution = { cause: 'unknown' as const, evidence };
  const severity = step === 100 ? 'critical' : 'warning';
  await raiseFinding(registry, { finding, severity, differences, attribution, noticedBy }, now, ports);
}
