import type { OrchestratorResult } from '../episode/orchestrator-result.ts';
import { ActionStarter } from './action-starter.ts';
import type { OrchestrationContext } from './orchestration-context.ts';
import { OrchestrationFailure } from './orchestration-failure.ts';
import type { OrchestratorAction, OrchestratorState } from './orchestrator-action.ts';
import type { WalkSettings } from './walk-settings.ts';

/** How the orchestrator's own part of the walk ended: it is over, but open tasks may still hold the instance. */
export type RunEnd =
  | { readonly kind: 'completed'; readonly output: string | null }
  | { readonly kind: 'failed'; readonly failure: OrchestrationFailure };

/** Schema versions of the returned state that extension 2.13 walks in this way: V2 and V3. */
const walkedSchemas = [1, 2];

/** The largest custom status in KB of UTF-16; sizes are rounded down before they are compared. */
const largestCustomStatus = 16;

/**
 * Walks what the orchestrator returned: starts one action, waits until it settles, starts the next; then fails, completes or
 * just waits. Failed tasks do not stop it. This is the extension's `OutOfProcOrchestrationShim`.
 */
export class OrchestratorRun {
  customStatus: string | null = null;
  end: RunEnd | undefined;
  readonly starter: ActionStarter;
  readonly #name: string;

  constructor(context: OrchestrationContext, settings: WalkSettings) {
    this.#name = settings.orchestratorName;
    this.starter = new ActionStarter(context, settings);
  }

  begin(result: OrchestratorResult): void {
    switch (result.kind) {
      case 'nothing':
        this.end = { kind: 'completed', output: null };
        return;
      case 'failedWithoutState':
        this.#fail(result.message);
        return;
      case 'unreadableState':
        this.#failAsIs(result.message);
        return;
      case 'state':
        this.#beginWithState(result.state, result.stack);
    }
  }

  #beginWithState(state: OrchestratorState, stack: string | undefined): void {
    try {
      this.#setCustomStatus(state.customStatus);
      this.#runFrom(0, soleActionList(state), state, stack);
    } catch (error) {
      this.#failFromWalk(state, error instanceof Error ? error.message : String(error));
    }
  }

  #runFrom(
    first: number,
    actions: readonly OrchestratorAction[],
    state: OrchestratorState,
    stack?: string,
  ): void {
    for (let index = first; index < actions.length; index += 1) {
      const action = actions[index];
      if (!action) continue;
      const task = this.starter.start(action);
      if (task.isSettled) continue;
      task.whenSettled(() => this.#goOn(index + 1, actions, state, stack));
      return;
    }
    this.#finish(state, stack);
  }

  #goOn(
    next: number,
    actions: readonly OrchestratorAction[],
    state: OrchestratorState,
    stack?: string,
  ): void {
    try {
      this.#runFrom(next, actions, state, stack);
    } catch (error) {
      this.#failFromWalk(state, error instanceof Error ? error.message : String(error));
    }
  }

  #finish(state: OrchestratorState, stack: string | undefined): void {
    if (state.error) {
      const details = `Message: ${state.error}, StackTrace: ${stack ?? ''}`;
      this.#fail(state.error, details);
    } else if (state.isDone) {
      const output = state.output ?? null;
      this.end = { kind: 'completed', output: output === null ? null : JSON.stringify(output) };
    }
  }

  /** When the orchestrator had thrown already, the extension lets the walk's own error through without its usual prefix. */
  #failFromWalk(state: OrchestratorState, message: string): void {
    if (state.error) this.#failAsIs(message);
    else this.#fail(message);
  }

  #failAsIs(message: string): void {
    this.end = { kind: 'failed', failure: new OrchestrationFailure(message, message) };
  }

  #fail(message: string, details = message): void {
    const failure = new OrchestrationFailure(
      `Orchestrator function '${this.#name}' failed: ${message}`,
      details,
    );
    this.end = { kind: 'failed', failure };
  }

  #setCustomStatus(status: unknown): void {
    if (status === undefined || status === null) return;
    const text = JSON.stringify(status);
    const size = Math.floor(Buffer.byteLength(text, 'utf16le') / 1024);
    if (size > largestCustomStatus)
      throw new Error(
        `The UTF-16 size of the JSON-serialized payload must not exceed ${largestCustomStatus} KB. ` +
          `The current payload size is ${size} KB.`,
      );
    this.customStatus = text;
  }
}

function soleActionList(state: OrchestratorState): readonly OrchestratorAction[] {
  const [actions, ...more] = state.actions;
  if (!walkedSchemas.includes(state.schemaVersion))
    throw new Error(
      `The OOProc schema of of version "${state.schemaVersion}" is unsupported by this durable-extension version.`,
    );
  if (!actions || more.length > 0)
    throw new Error(
      `With OOProc schema V${state.schemaVersion + 1}, expected actions array to be of length 1 in outer layer but got size: ` +
        `${state.actions.length}`,
    );
  return actions;
}
