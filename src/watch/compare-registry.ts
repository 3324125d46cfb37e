import type { Registry } from '../configuration/configuration.ts';
import { milliseconds } from '../contracts/durations.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Observation } from '../lifecycle/drift/observation.ts';
import { millisecondsBetween, plus, second } from '../lifecycle/instant-arithmetic.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { RegistryFacts } from '../ports/token-registry.ts';
import { type ErrorDescription, troubleOf } from '../ports/trouble.ts';
import { checkCapacity } from './check-capacity.ts';
import { checkRegistry, type Look, registryPort } from './check-registry.ts';
import type { ComparisonScope } from './comparison-note.ts';
import type { Turn } from './comparison-turns.ts';
import { type Deviating, type Deviations, findDeviations } from './find-deviations.ts';
import { checkReports, reportGrace } from './heard-reports.ts';
import { KnownTokens } from './known-tokens.ts';
import { ListedScopeMaps } from './listed-scope-maps.ts';
import { ListedSecrets } from './listed-secrets.ts';
import { endMassDrift } from './mass-drift.ts';
import { noteCapacity } from './note-capacity.ts';
import { type Noticed, noticeDeviation } from './notice-deviation.ts';
import { resolveFinding } from './raise-finding.ts';
import type { WatchPorts } from './watch-ports.ts';
import { watchUnmanaged } from './watch-unmanaged.ts';

/** What a comparison came to, for the log. */
export interface ComparedRegistry {
  readonly registry: string;
  readonly scope: ComparisonScope;
  /** In the registry. */
  readonly tokens: number;
  /** That showed something else than what is known of them. */
  readonly deviating: number;
  /** Of these, whose lifecycles were woken to look. */
  readonly woken: number;
  /** Missing where they are not looked for. */
  readonly unmanaged?: number;
  readonly milliseconds: number;
  /** Vaults that could not be read: secrets there were not compared. */
  readonly unread?: readonly (ErrorDescription & { readonly vault: string })[];
}

/** Lifecycles that are woken at the same time. */
const atATime = 16;
const goneIsCountedFor = 24 * 60 * 60 * second;

/**
 * Holds a registry against what is believed of it, from lists alone; what deviates is looked at by its lifecycle. It may
 * stop at any line and be gone on with: what was done is then done again at worst. False: it ran out of time.
 *
 * @param until by the adapters' clock
 * @throws ServiceFailure, TurnLost
 */
export async function compareRegistry(
  registry: Registry,
  turn: Turn,
  until: Instant,
  ports: WatchPorts,
): Promise<ComparedRegistry | false> {
  const { scope, now, reports } = turn.running;
  const started = ports.clock.now().getTime();
  const watch = new TurnWatch(turn, until, ports);
  const look: Look = { noticedBy: scope === 'everything' ? 'reconcile' : 'report', reports, now };
  const facts = scope === 'everything' ? await checkRegistry(registry, look, ports) : undefined;
  const told = { registry: registry.name, scope };
  const took = () => ports.clock.now().getTime() - started;
  if (facts === null) return { ...told, tokens: 0, deviating: 0, woken: 0, milliseconds: took() };
  const seen = await lookAtAll(registry, look, facts, watch, ports);
  if (!seen) return false;
  const { deviations, unmanaged, unread } = seen;
  const woken = await noticeAll(registry, deviations.deviating, look, watch, ports);
  if (woken === undefined) return false;
  const { tokens, deviating } = deviations;
  return {
    ...told,
    tokens,
    deviating: deviating.length,
    woken,
    ...(unmanaged === undefined ? {} : { unmanaged }),
    milliseconds: took(),
    ...(unread.length > 0 ? { unread } : {}),
  };
}

interface Seen {
  readonly deviations: Deviations;
  readonly unmanaged?: number;
  readonly unread: NonNullable<ComparedRegistry['unread']>;
}

async function lookAtAll(
  registry: Registry,
  look: Look,
  facts: RegistryFacts | undefined,
  watch: TurnWatch,
  ports: WatchPorts,
): Promise<Seen | undefined> {
  const { now } = look;
  const onItem = () => watch.goOn();
  const known = await KnownTokens.read(registry.name, ports.inventory, plus(now, -reportGrace), onItem);
  const [scopeMaps, [secrets, unread]] = facts
    ? await Promise.all([readScopeMaps(registry, onItem, ports), readSecrets(registry, onItem, ports)])
    : [undefined, [undefined, []]];
  const madeByOthers = look.reports
    .filter(({ by, operation }) => by === 'others' && operation === 'credentialsGenerated')
    .map(({ at }) => at);
  const surroundings = { configuration: ports.configuration, scopeMaps, secrets, madeByOthers, now };
  const tokens = registryPort(registry.name, ports).listTokens();
  const deviations = await findDeviations(known, tokens, surroundings, onItem);
  if (watch.isOver()) return undefined;
  if (!facts || !scopeMaps) return { deviations, unread };
  const unmanaged = await watchUnmanaged(registry, deviations.unknown, scopeMaps, look, onItem, ports);
  await checkCapacity(registry, deviations.tokens, facts, look, ports);
  await noteCapacity(registry, deviations.tokens, facts, look, ports);
  await checkReports(registry, known.newestWrite, look, ports);
  await endMassDrift(registry, now, ports);
  if (deviations.missing === 0) await endRecreated(registry, look, ports);
  await ports.findings.forgetGone(registry.name, plus(ports.clock.now().toISOString(), -goneIsCountedFor));
  return { deviations, unmanaged, unread };
}

async function readScopeMaps(
  { name }: Registry,
  onItem: () => Promise<void>,
  ports: WatchPorts,
): Promise<ListedScopeMaps> {
  const maps = new ListedScopeMaps();
  for await (const map of registryPort(name, ports).listScopeMaps()) {
    maps.add(map);
    await onItem();
  }
  return maps;
}

/** Of the vaults where this registry's tokens are delivered. One that cannot be read does not keep the rest from being looked at. */
async function readSecrets(
  registry: Registry,
  onItem: () => Promise<void>,
  { configuration, vaults }: WatchPorts,
): Promise<[ListedSecrets, NonNullable<ComparedRegistry['unread']>]> {
  const secrets = new ListedSecrets(registry);
  const unread: (ErrorDescription & { vault: string })[] = [];
  const delivering = [...configuration.entrances.values()].filter(({ policy }) =>
    policy.registries.includes(registry.name),
  );
  for (const vault of new Set(delivering.map(({ policy }) => policy.vault)))
    try {
      for await (const secret of vaults.get(vault)?.listSecrets() ?? []) {
        secrets.add(vault, secret);
        await onItem();
      }
      secrets.complete(vault);
    } catch (error) {
      if (!isFailure(error)) throw error;
      unread.push({ vault, ...troubleOf(error) });
    }
  return [secrets, unread];
}

/** All its tokens are there again, or none are managed any more. Not before the next look after it was told. */
async function endRecreated({ name }: Registry, { now }: Look, ports: WatchPorts): Promise<void> {
  const key = { registry: name, finding: 'registryRecreated' } as const;
  const found = await ports.registryFindings.readFinding(key);
  if (found && !found.gone && found.open.drift.since < now) await resolveFinding(key, now, ports);
}

/** How many lifecycles were woken; undefined: it ran out of time. */
async function noticeAll(
  { name: registry, loginServer }: Registry,
  deviating: readonly Deviating[],
  { noticedBy, reports, now }: Look,
  watch: TurnWatch,
  ports: WatchPorts,
): Promise<number | undefined> {
  const observation: Observation = { noticedBy, at: now, reports: [...reports] };
  const left = deviating
    .map((each) => ({ key: each.token.toLowerCase(), ...each }))
    .filter(({ key }) => key > watch.after)
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  let woken = 0;
  for (let start = 0; start < left.length; start += atATime) {
    if (watch.isOver()) return undefined;
    const group = left.slice(start, start + atATime);
    const noticed = await Promise.all(
      group.map(
        ({ token, sight }): Promise<Noticed> =>
          noticeDeviation({ registry, loginServer, token }, sight, observation, ports),
      ),
    );
    woken += noticed.filter((each) => each === 'woken').length;
    await watch.goOn(group.at(-1)?.key);
  }
  return woken;
}

/** Renews the turn on the way, and knows when its time is over. */
class TurnWatch {
  after: string;
  readonly #turn: Turn;
  readonly #until: Instant;
  readonly #clock: WatchPorts['clock'];
  /** Several times while one holds the turn. Milliseconds. */
  readonly #renewEvery: number;
  #renewedAt: Instant;

  constructor(turn: Turn, until: Instant, { clock, configuration }: WatchPorts) {
    this.after = turn.running.after ?? '';
    this.#turn = turn;
    this.#until = until;
    this.#clock = clock;
    this.#renewEvery = milliseconds(configuration.lease.length) / 6;
    this.#renewedAt = clock.now().toISOString();
  }

  async goOn(after?: string): Promise<void> {
    if (after !== undefined) this.after = after;
    const now = this.#clock.now().toISOString();
    if (millisecondsBetween(this.#renewedAt, now) < this.#renewEvery) return;
    this.#renewedAt = now;
    await this.#turn.goOn(this.after === '' ? undefined : this.after);
  }

  isOver(): boolean {
    return this.#clock.now().toISOString() >= this.#until;
  }
}
