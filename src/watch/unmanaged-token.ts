import type { Registry } from '../configuration/configuration.ts';
import { parseScopeMapAction } from '../contracts/access.ts';
import type { Drift } from '../contracts/event-data.ts';
import type { Instant } from '../contracts/instants.ts';
import { nameFitsAny } from '../policy/text-pattern.ts';
import type { OpenFinding } from '../ports/findings.ts';
import type { ScopeMap } from '../ports/token-registry.ts';
import { type Look, registryPort } from './check-registry.ts';
import { type FindingPorts, raiseFinding, resolveFinding } from './raise-finding.ts';
import { registryAttribution } from './registry-attribution.ts';
import type { WatchPorts } from './watch-ports.ts';

/** What is known of a scope map that an unmanaged token is bound to. */
export interface GrantedByMap {
  readonly name: string;
  readonly system: boolean;
  /** The first action that lets somebody change images. */
  readonly writes?: string | undefined;
  /** It belongs to a connected registry, whose tokens nobody else may touch. */
  readonly gateway: boolean;
}

export interface JudgedToken {
  readonly severity: OpenFinding['severity'];
  readonly differences: Drift['differences'];
}

const writing: ReadonlySet<string> = new Set(['content/write', 'content/delete', 'metadata/write']);

export function grantedBy({ name, system, actions }: ScopeMap): GrantedByMap {
  return {
    name,
    system,
    writes: actions.find((action) => writing.has(parseScopeMapAction(action)?.action ?? '')),
    gateway: actions.some((action) => action.toLowerCase().startsWith('gateway/')),
  };
}

/** What an unmanaged token can do harm with. A scope map that is gone grants nothing. */
export function judgeUnmanaged(scopeMap: string, granted: GrantedByMap | undefined): JudgedToken {
  const { system = false, writes } = granted ?? {};
  return {
    severity: system || writes !== undefined ? 'critical' : 'warning',
    differences: [
      { what: system ? 'systemScopeMap' : 'scopeMap', found: scopeMap },
      ...(writes === undefined ? [] : [{ what: 'writes', found: writes }]),
    ],
  };
}

/** Whether a token is somebody else's business: its name fits a pattern, or it belongs to a connected registry. */
export function isLeftAlone(
  token: string,
  granted: Pick<GrantedByMap, 'gateway'> | undefined,
  { ignoredTokens }: Pick<Registry, 'ignoredTokens'>,
): boolean {
  return granted?.gateway === true || nameFitsAny(token, ignoredTokens);
}

/** Looks at one token that has no record, with two reads. @throws ServiceFailure */
export async function checkUnmanagedToken(
  registry: Registry,
  token: string,
  look: Look,
  ports: WatchPorts,
): Promise<void> {
  const port = registryPort(registry.name, ports);
  const found = nameFitsAny(token, registry.ignoredTokens) ? null : await port.readToken(token);
  const map = found && (await port.readScopeMap(found.scopeMap));
  const granted = map ? grantedBy(map) : undefined;
  if (!found || isLeftAlone(token, granted, registry))
    return resolveUnmanaged(registry.name, token, look.now, ports);
  await raiseUnmanaged(registry, token, judgeUnmanaged(found.scopeMap, granted), look, ports);
}

/** @throws ServiceFailure */
export async function raiseUnmanaged(
  registry: Registry,
  token: string,
  judged: JudgedToken,
  { noticedBy, reports, now }: Look,
  ports: WatchPorts,
): Promise<void> {
  const attribution = registryAttribution(reports);
  const deviation = { finding: 'unmanagedToken', token, ...judged, attribution, noticedBy } as const;
  await raiseFinding(registry, deviation, now, ports);
}

/** @throws ServiceFailure as `resolveFinding` */
export async function resolveUnmanaged(
  registry: string,
  token: string,
  now: Instant,
  ports: FindingPorts,
): Promise<void> {
  await resolveFinding({ registry, finding: 'unmanagedToken', token }, now, ports);
}
