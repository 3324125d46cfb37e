import type { OrchestratorResult } from '../episode/orchestrator-result.ts';
import { EventType, type HistoryEvent } from '../history-event.ts';
import type { Decision } from './decision.ts';
import { requireSameTask } from './determinism.ts';
import { OrchestrationContext } from './orchestration-context.ts';
import { OrchestrationFailure } from './orchestration-failure.ts';
import { OrchestratorRun } from './orchestrator-run.ts';
import type { WalkSettings } from './walk-settings.ts';

/** What an episode comes to. */
export interface WalkResult {
  /** JSON text; null when the orchestrator set none in this generation. */
  readonly customStatus: string | null;
  /** New work, in the order of its ids. */
  readonly decisions: readonly Decision[];
  /** What the extension rejected and swallowed, so that the instance may hang: for the log only. */
  readonly remarks: readonly string[];
}

/**
 * Walks a generation's history together with what the orchestrator returned for it, and tells what is new: pure, and the same
 * each time it is walked again. It does what DurableTask.Core's `TaskOrchestrationExecutor` does with the extension's shim:
 *
 * 1. at ExecutionStarted the returned actions begin, each taking its id from one counter;
 * 2. scheduled events must find the same task under their id, and take it out of the new work;
 * 3. completions settle open tasks, and what waited for them goes on before the next event is looked at;
 * 4. at the end, an orchestrator that is done or has failed ends the generation only if no task is open.
 */
export function walk(
  history: readonly HistoryEvent[],
  result: OrchestratorResult,
  settings: WalkSettings,
): WalkResult {
  return new Walk(settings).over(history, result);
}

class Walk {
  #suspended = false;
  #held: HistoryEvent[] = [];
  readonly #context: OrchestrationContext;
  readonly #run: OrchestratorRun;

  constructor(settings: WalkSettings) {
    this.#context = new OrchestrationContext(settings.executionId, new Date(0));
    this.#run = new OrchestratorRun(this.#context, settings);
  }

  over(history: readonly HistoryEvent[], result: OrchestratorResult): WalkResult {
    try {
      for (const event of history) this.#process(event, result);
      this.#complete();
    } catch (error) {
      if (!(error instanceof OrchestrationFailure)) throw error;
      this.#context.fail(error.message, error.details);
    }
    return {
      customStatus: this.#run.customStatus,
      decisions: this.#context.decisions(),
      remarks: this.#run.starter.remarks,
    };
  }

  #process(event: HistoryEvent, result: OrchestratorResult): void {
    if (event.EventType === EventType.orchestratorStarted) {
      this.#context.now = new Date(event.Timestamp);
    } else if (this.#suspended && !overridesSuspension(event)) {
      if (event.EventType !== EventType.executionSuspended) this.#held.push(event);
    } else {
      this.#apply(event, result);
    }
  }

  #apply(event: HistoryEvent, result: OrchestratorResult): void {
    switch (event.EventType) {
      case EventType.executionStarted:
        this.#run.begin(result);
        break;
      case EventType.executionTerminated:
        this.#context.terminate(event.Input);
        break;
      case EventType.taskScheduled:
      case EventType.subOrchestrationCreated:
      case EventType.timerCreated:
        requireSameTask(event, this.#context.pending(event.EventId));
        this.#context.confirm(event.EventId);
        break;
      case EventType.taskCompleted:
      case EventType.subOrchestrationCompleted:
        this.#context.settle(event.TaskScheduledId, 'succeeded');
        break;
      case EventType.taskFailed:
      case EventType.subOrchestrationFailed:
        this.#context.settle(event.TaskScheduledId, 'failed');
        break;
      case EventType.timerFired:
        this.#context.settle(event.TimerId, 'succeeded');
        break;
      case EventType.eventRaised:
        if (this.#context.willContinueAsNew) this.#context.carryOver(event);
        else this.#run.starter.events.raise(event.Name);
        break;
      case EventType.executionSuspended:
        this.#suspended = true;
        this.#context.setNewWorkAside();
        break;
      case EventType.executionResumed:
        this.#resume(result);
        break;
      default:
    }
  }

  #resume(result: OrchestratorResult): void {
    this.#suspended = false;
    this.#context.takeNewWorkBack();
    const held = this.#held;
    this.#held = [];
    for (const event of held) this.#process(event, result);
  }

  #complete(): void {
    const end = this.#run.end;
    if (this.#context.hasOpenTasks || !end) return;
    if (end.kind === 'completed') this.#context.complete(end.output);
    else this.#context.fail(end.failure.message, end.failure.details);
  }
}

function overridesSuspension(event: HistoryEvent): boolean {
  return event.EventType === EventType.executionResumed || event.EventType === EventType.executionTerminated;
}
