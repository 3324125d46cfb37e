import { DurableTimers } from './durable-timer.ts';
import { ExternalEvents } from './external-events.ts';
import { HostTask } from './host-task.ts';
import type { OrchestrationContext } from './orchestration-context.ts';
import { ActionType, type OrchestratorAction, type RetryOptions } from './orchestrator-action.ts';
import { callWithRetries, longestDelay } from './retries.ts';
import type { WalkSettings } from './walk-settings.ts';

type FunctionCall = Extract<OrchestratorAction, { functionName: string }>;

/** Features of the real extension that this host refuses, by the action that asks for them. */
const refusedFeatures = new Map<number, string>([
  [ActionType.callEntity, 'Durable entities (callEntity)'],
  [ActionType.signalEntity, 'Durable entities (signalEntity)'],
  [ActionType.lockEntities, 'Durable entities (lock)'],
  [ActionType.releaseEntities, 'Durable entities (lock)'],
  [ActionType.callHttp, 'Durable HTTP calls (callHttp)'],
]);

/**
 * Starts the actions that an orchestrator returned, each as a task, by the rules of the extension. What the extension
 * rejects inside of a task (an unknown function, too many actions) is a failed task, and the walk goes on after it as if
 * nothing had happened: so an unknown activity hangs its instance. `remarks` collects what was swallowed so.
 */
export class ActionStarter {
  readonly events = new ExternalEvents();
  readonly remarks: string[] = [];
  #started = 0;
  readonly #context: OrchestrationContext;
  readonly #settings: WalkSettings;
  readonly #timers: DurableTimers;

  constructor(context: OrchestrationContext, settings: WalkSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#timers = new DurableTimers(
      context,
      settings.limits,
      () => this.#countAction(),
      (error) => this.#swallow(error),
    );
  }

  /** @throws Error when the action asks for a feature that this host refuses. */
  start(action: OrchestratorAction): HostTask {
    switch (action.actionType) {
      case ActionType.callActivity:
      case ActionType.callActivityWithRetry:
      case ActionType.callSubOrchestrator:
      case ActionType.callSubOrchestratorWithRetry:
        return this.#swallowing(() => this.#call(action));
      case ActionType.createTimer:
        return this.#swallowing(() => this.#timers.create(new Date(action.fireAt), action.isCanceled));
      case ActionType.waitForExternalEvent:
        return this.events.waitFor(action.externalEventName);
      case ActionType.continueAsNew:
        this.#context.continueAsNew(jsonText(action.input));
        return HostTask.settled('succeeded');
      case ActionType.whenAll:
        return HostTask.whenAll(action.compoundActions.map((child) => this.start(child)));
      case ActionType.whenAny:
        return HostTask.whenAny(action.compoundActions.map((child) => this.start(child)));
      default:
        throw new Error(`${refusedFeatures.get(action.actionType)} are not supported by this host.`);
    }
  }

  #call(action: FunctionCall): HostTask {
    const options = 'retryOptions' in action ? action.retryOptions : undefined;
    if (options) this.#checkRetryDelays(options);
    const kind = isActivity(action) ? 'activity' : 'orchestrator';
    if (!this.#settings.exists(kind, action.functionName))
      throw new Error(this.#settings.missingFunctionMessage(kind, action.functionName));
    if (kind === 'orchestrator') this.#checkChildId(childId(action));
    this.#countAction();
    const input = jsonText(action.input);
    const call = () =>
      kind === 'activity'
        ? this.#context.scheduleActivity(action.functionName, input)
        : this.#context.startSubOrchestration(action.functionName, childId(action), input);
    return options ? callWithRetries(this.#context, options, call) : call();
  }

  #checkRetryDelays(options: RetryOptions): void {
    const longest = Math.max(longestDelay(options), options.firstRetryIntervalInMilliseconds);
    if (longest > this.#settings.limits.maximumShortTimer)
      throw new Error('The Azure Storage provider supports a maximum of 6 days for time-based delays');
  }

  #checkChildId(id: string | undefined): void {
    const { instanceId, parentInstanceId } = this.#settings;
    const used = [instanceId, parentInstanceId].map((other) => other?.toLowerCase());
    if (id !== undefined && used.includes(id.toLowerCase()))
      throw new Error(
        'The instance ID of a sub-orchestration must be different than the instance ID of a parent orchestration.',
      );
    if (id?.startsWith('@')) throw new Error('Orchestration instance ids must not start with @');
  }

  #countAction(): void {
    const { maxOrchestrationActions } = this.#settings.limits;
    if (this.#started >= maxOrchestrationActions)
      throw new Error(
        `Maximum amount of orchestration actions (${maxOrchestrationActions}) has been reached. This value can be ` +
          'configured in host.json file as MaxOrchestrationActions.',
      );
    this.#started += 1;
  }

  #swallowing(start: () => HostTask): HostTask {
    try {
      return start();
    } catch (error) {
      this.#swallow(error);
      return HostTask.settled('failed');
    }
  }

  #swallow(error: unknown): void {
    this.remarks.push(error instanceof Error ? error.message : String(error));
  }
}

function isActivity(action: FunctionCall): boolean {
  return (
    action.actionType === ActionType.callActivity || action.actionType === ActionType.callActivityWithRetry
  );
}

function childId(action: FunctionCall): string | undefined {
  return 'instanceId' in action ? (action.instanceId ?? undefined) : undefined;
}

function jsonText(input: unknown): string | null {
  return input === undefined || input === null ? null : JSON.stringify(input);
}
