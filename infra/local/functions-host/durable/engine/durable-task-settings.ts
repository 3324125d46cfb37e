import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** How many functions of a kind a host runs at once when host.json does not say: ten for each core. */
const defaultConcurrency = 10 * availableParallelism();

/**
 * The part of host.json under `extensions.durableTask` that this host honours; other settings are the real extension's and
 * are let through. Instances of a task hub are shared by the hosts that name it.
 */
export const durableTaskSettings = z.looseObject({
  hubName: z
    .string()
    .regex(/^[a-z][a-z0-9]{2,44}$/i, 'must begin with a letter and have 3 to 45 letters and digits')
    .default('TestHubName'),
  maxConcurrentActivityFunctions: z.int().positive().default(defaultConcurrency),
  maxConcurrentOrchestratorFunctions: z.int().positive().default(defaultConcurrency),
  maxOrchestrationActions: z.int().positive().default(100_000),
  /** Which existing instances give way to a new one with the same id. */
  overridableExistingInstanceStates: z.enum(['NonRunningStates', 'AnyState']).default('NonRunningStates'),
});

export type DurableTaskSettings = z.output<typeof durableTaskSettings>;
