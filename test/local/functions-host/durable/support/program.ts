import type { OrchestrationContext, Task } from 'durable-functions';
import type { AppFunctions } from './in-process-app.ts';
import { inSeconds } from './in-seconds.ts';
import { df } from './programming-model.ts';

/** One thing that a made-up orchestration awaits. */
export type Leaf =
  | { readonly kind: 'activity'; readonly value: number }
  | { readonly kind: 'timer'; readonly seconds: number }
  /** An activity that always fails, tried so many times. */
  | { readonly kind: 'retries'; readonly attempts: number }
  | { readonly kind: 'child'; readonly steps: readonly Leaf[] };

export type Step =
  | Leaf
  | { readonly kind: 'all'; readonly steps: readonly Leaf[] }
  /** A timer against one twice as long, which is cancelled. */
  | { readonly kind: 'race'; readonly seconds: number };

/** The steps of each generation. */
export type Program = readonly (readonly Step[])[];

interface ProgramInput {
  readonly program: Program;
  readonly results: readonly unknown[];
}

function task(context: OrchestrationContext, leaf: Leaf): Task {
  switch (leaf.kind) {
    case 'activity':
      return context.df.callActivity('triple', { value: leaf.value });
    case 'timer':
      return context.df.createTimer(inSeconds(context, leaf.seconds));
    case 'retries':
      return context.df.callActivityWithRetry('fails', new df.RetryOptions(1000, leaf.attempts));
    case 'child':
      return context.df.callSubOrchestrator('main', { program: [leaf.steps], results: [] });
  }
}

function* perform(context: OrchestrationContext, step: Step): Generator<Task, unknown, unknown> {
  try {
    if (step.kind === 'all') return yield context.df.Task.all(step.steps.map((leaf) => task(context, leaf)));
    if (step.kind !== 'race') return (yield task(context, step)) ?? null;
    const short = context.df.createTimer(inSeconds(context, step.seconds));
    const long = context.df.createTimer(inSeconds(context, step.seconds * 2));
    const winner = yield context.df.Task.any([long, short]);
    long.cancel();
    return winner === short ? 'short' : 'long';
  } catch (error) {
    return `caught ${String(error).slice(0, 45)}`;
  }
}

/** Runs a program given as its input, a generation for each list of steps, and returns what each step gave. */
export const programApp: AppFunctions = {
  orchestrators: {
    main: function* (context) {
      const { program, results } = context.df.getInput<ProgramInput>();
      const [steps = [], ...rest] = program;
      const seen = [...results];
      for (const step of steps) seen.push(yield* perform(context, step));
      if (rest.length === 0) return seen;
      context.df.continueAsNew({ program: rest, results: seen });
      return undefined;
    },
  },
  activities: {
    triple: ({ value }: { value: number }) => value * 3,
    fails: () => {
      throw new Error('always');
    },
  },
};
