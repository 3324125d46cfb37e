import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { Clock } from '../../../clock.ts';
import type { FunctionInvoker } from '../function-invoker.ts';
import { EventType, type ExecutionStarted, eventHeader, type HistoryEvent } from '../history-event.ts';
import type { InstanceRecord } from '../instance-record.ts';
import type { ActivityTask, Message, StoredMessage } from '../message.ts';
import { missingFunctionMessage } from '../missing-function.ts';
import { walk } from '../walk/walk.ts';
import type { WalkLimits, WalkSettings } from '../walk/walk-settings.ts';
import { decisionEffects, newExecutionId } from './decision-effects.ts';
import { executionIdOf, type Generation, nextGeneration } from './generation.ts';
import { instanceAfter } from './instance-after.ts';
import { type OrchestratorResult, readOrchestratorResult } from './orchestrator-result.ts';
import { reconcileMessages } from './reconcile-messages.ts';
import { triggerInput } from './trigger-input.ts';

/** An instance's inbox, and what an episode needs to deal with it. */
export interface EpisodeWork {
  readonly instance: InstanceRecord | undefined;
  /** The texts of the stored history's events. */
  readonly history: readonly string[];
  readonly messages: readonly StoredMessage[];
}

/** What is to be committed, together, when an episode has ended. */
export interface EpisodeChanges {
  readonly instance: InstanceRecord;
  /** Whether `events` take the place of the stored history instead of following it. */
  readonly replacesHistory: boolean;
  readonly events: readonly HistoryEvent[];
  readonly messages: readonly Message[];
  readonly activities: readonly ActivityTask[];
}

export interface EpisodeHost {
  readonly invoker: FunctionInvoker;
  readonly clock: Clock;
  readonly limits: WalkLimits;
  /** Whether the episode should be given up between two generations. */
  readonly isGivenUp: () => boolean;
  /** Told that an instance goes on with another generation, for a while; not when it seems to go round in circles. */
  readonly onGeneration: () => void;
  /** Told what the log should say of an instance that may hang. */
  readonly onRemark: (instanceId: string, remark: string) => void;
}

/** `dropped`: no message was of any use. `abandoned`: it is to be done again later. */
export type EpisodeEnd =
  | { readonly kind: 'changed'; readonly changes: EpisodeChanges }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'abandoned' };

/** After so many generations without a pause an instance seems to go round in circles, and the log says so. */
const suspiciousGenerations = 500;

/**
 * Runs one work item of an instance: an episode over the messages in its inbox, and, as long as it continues as new, the first
 * episodes of the generations that follow. Nothing is stored in between, so that a repeat comes to the same.
 */
export async function runEpisode(work: EpisodeWork, host: EpisodeHost): Promise<EpisodeEnd> {
  const first = firstGeneration(work, host.clock.now());
  if (!first) return { kind: 'dropped' };
  const messages: Message[] = [];
  const activities: ActivityTask[] = [];
  let carriedStatus: string | null = null;
  let generation = first;
  for (let count = 1; ; count += 1) {
    const result = await invoke(generation, host);
    if (result === 'abandoned') return { kind: 'abandoned' };
    const walked = walk([...generation.past, ...generation.fresh], result, walkSettings(generation, host));
    for (const remark of walked.remarks) host.onRemark(instanceIdOf(generation), remark);
    const now = host.clock.now();
    const effects = decisionEffects(generation.started, walked.decisions, now);
    messages.push(...effects.messages);
    activities.push(...effects.activities);
    const customStatus = walked.customStatus ?? carriedStatus;
    carriedStatus = walked.customStatus;
    if (!effects.continueAsNew) {
      const events = eventsOf(generation, effects.events, now);
      const before = first.replacesHistory ? undefined : work.instance;
      const instance = instanceAfter(before, generation.started, events, customStatus, now);
      const { replacesHistory } = generation;
      return { kind: 'changed', changes: { instance, replacesHistory, events, messages, activities } };
    }
    if (count < suspiciousGenerations) host.onGeneration();
    else if (count % suspiciousGenerations === 0)
      host.onRemark(instanceIdOf(generation), `continued as new ${count} times without waiting for anything`);
    await letOthersRun();
    if (host.isGivenUp()) return { kind: 'abandoned' };
    const { input, carriedEvents } = effects.continueAsNew;
    generation = nextGeneration(generation.started, input, carriedEvents, newExecutionId(), now);
  }
}

function firstGeneration(work: EpisodeWork, now: Date): Generation | undefined {
  const { started, events } = reconcileMessages(work.instance, work.messages);
  if (events.length === 0) return undefined;
  const fresh = [eventHeader(EventType.orchestratorStarted, now), ...events];
  if (started) return { started, pastTexts: [], past: [], fresh, replacesHistory: true };
  const past = work.history.map((text) => JSON.parse(text) as HistoryEvent);
  const stored = past.find(
    (event): event is ExecutionStarted => event.EventType === EventType.executionStarted,
  );
  if (!stored) throw new Error(`The history of instance ${work.instance?.id} has no ExecutionStarted event`);
  return { started: stored, pastTexts: work.history, past, fresh, replacesHistory: false };
}

async function invoke(generation: Generation, host: EpisodeHost): Promise<OrchestratorResult | 'abandoned'> {
  const { started, pastTexts, fresh } = generation;
  const name = host.invoker.registeredName('orchestrator', started.Name);
  if (name === undefined)
    return {
      kind: 'failedWithoutState',
      message: missingFunctionMessage('orchestrator', started.Name, host.invoker),
    };
  const history = [...pastTexts, ...fresh.map((event) => JSON.stringify(event))];
  const isReplaying = pastTexts.length > 0;
  const input = triggerInput(history, { started, isReplaying, limits: host.limits });
  const instanceId = instanceIdOf(generation);
  const invocation = await host.invoker.invokeOrchestrator(name, input, { instanceId });
  if (invocation.kind === 'abandoned' || invocation.kind === 'timedOut') return 'abandoned';
  return readOrchestratorResult(invocation);
}

function walkSettings(generation: Generation, { invoker, limits }: EpisodeHost): WalkSettings {
  const { started } = generation;
  return {
    orchestratorName: started.Name,
    instanceId: instanceIdOf(generation),
    executionId: executionIdOf(generation),
    parentInstanceId: started.ParentInstance?.OrchestrationInstance.InstanceId ?? null,
    exists: (kind, name) => invoker.registeredName(kind, name) !== undefined,
    missingFunctionMessage: (kind, name) => missingFunctionMessage(kind, name, invoker),
    limits,
  };
}

/** What the episode adds to history. An event counts as played once an episode has begun with it. */
function eventsOf(generation: Generation, scheduled: readonly HistoryEvent[], now: Date): HistoryEvent[] {
  const played = generation.fresh.map((event) =>
    event.EventType === EventType.orchestratorStarted ? event : { ...event, IsPlayed: true },
  );
  const events = [...played, ...scheduled];
  const closed = events.at(-1)?.EventType === EventType.orchestratorCompleted;
  return closed ? events : [...events, eventHeader(EventType.orchestratorCompleted, now)];
}

function instanceIdOf(generation: Generation): string {
  return generation.started.OrchestrationInstance.InstanceId;
}
