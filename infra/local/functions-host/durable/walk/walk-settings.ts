/** What the walk must know of the instance, the app and the host's settings. */
export interface WalkSettings {
  readonly orchestratorName: string;
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  /** Whether a function of that kind and name is registered. */
  readonly exists: (kind: 'orchestrator' | 'activity', name: string) => boolean;
  /** Explains that a function does not exist, in the extension's words. */
  readonly missingFunctionMessage: (kind: 'orchestrator' | 'activity', name: string) => string;
  readonly limits: WalkLimits;
}

export interface WalkLimits {
  /** host.json `maxOrchestrationActions`: how many actions one generation may start. */
  readonly maxOrchestrationActions: number;
  /** Timers that are further away than this many milliseconds fire in pieces. */
  readonly maximumShortTimer: number;
  /** The length of such a piece, in milliseconds. */
  readonly longTimerInterval: number;
}

const day = 24 * 60 * 60 * 1000;

/** What the extension does with Azure Storage. */
export const defaultWalkLimits: WalkLimits = {
  maxOrchestrationActions: 100_000,
  maximumShortTimer: 6 * day,
  longTimerInterval: 3 * day,
};
