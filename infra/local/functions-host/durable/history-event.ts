/**
 * The numbers by which the Durable Task Framework tells its history events apart. The `durable-functions` library reads the
 * numbers, and the field names below, from the orchestration trigger.
 */
export const EventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventRaised: 15,
  executionSuspended: 19,
  executionResumed: 20,
} as const;

/** What every event has. `EventId` is -1 except for events that schedule something: there it is the task's id. */
interface EventHeader<Type extends number> {
  readonly EventType: Type;
  readonly EventId: number;
  readonly IsPlayed: boolean;
  readonly Timestamp: string;
}

/** Instance and execution (generation) that a message belongs to. */
export interface OrchestrationInstance {
  readonly InstanceId: string;
  readonly ExecutionId: string;
}

/** Who started a sub-orchestration, and as which of its tasks. */
export interface ParentInstance {
  readonly Name: string;
  readonly OrchestrationInstance: OrchestrationInstance;
  readonly TaskScheduleId: number;
  readonly Version: string;
}

export interface ExecutionStarted extends EventHeader<0> {
  readonly Name: string;
  readonly Version: string;
  /** JSON text. */
  readonly Input: string | null;
  readonly OrchestrationInstance: OrchestrationInstance;
  readonly ParentInstance: ParentInstance | null;
  readonly Tags: null;
}

/** Statuses that end a generation, by the framework's numbers. */
export const completionStatus = { Completed: 1, Failed: 3, Terminated: 5 } as const;

export interface ExecutionCompleted extends EventHeader<1> {
  readonly OrchestrationStatus: number;
  readonly Result: string | null;
}

export interface ExecutionTerminated extends EventHeader<3> {
  readonly Input: string | null;
}

export interface TaskScheduled extends EventHeader<4> {
  readonly Name: string;
  readonly Version: string;
  readonly Input: null;
}

export interface TaskCompleted extends EventHeader<5> {
  readonly TaskScheduledId: number;
  readonly Result: string | null;
}

export interface TaskFailed extends EventHeader<6> {
  readonly TaskScheduledId: number;
  readonly Reason: string;
  readonly Details: string | null;
}

export interface SubOrchestrationCreated extends EventHeader<7> {
  readonly Name: string;
  readonly Version: string;
  readonly InstanceId: string;
  readonly Input: null;
}

export interface SubOrchestrationCompleted extends EventHeader<8> {
  readonly TaskScheduledId: number;
  readonly Result: string | null;
}

export interface SubOrchestrationFailed extends EventHeader<9> {
  readonly TaskScheduledId: number;
  readonly Reason: string | null;
  readonly Details: string | null;
}

export interface TimerCreated extends EventHeader<10> {
  readonly FireAt: string;
}

export interface TimerFired extends EventHeader<11> {
  readonly TimerId: number;
  readonly FireAt: string;
}

export type OrchestratorStarted = EventHeader<12>;
export type OrchestratorCompleted = EventHeader<13>;

export interface EventRaised extends EventHeader<15> {
  readonly Name: string;
  /** JSON text. */
  readonly Input: string;
}

export interface ExecutionSuspended extends EventHeader<19> {
  readonly Reason: string | null;
}

export interface ExecutionResumed extends EventHeader<20> {
  readonly Reason: string | null;
}

export type HistoryEvent =
  | ExecutionStarted
  | ExecutionCompleted
  | ExecutionTerminated
  | TaskScheduled
  | TaskCompleted
  | TaskFailed
  | SubOrchestrationCreated
  | SubOrchestrationCompleted
  | SubOrchestrationFailed
  | TimerCreated
  | TimerFired
  | OrchestratorStarted
  | OrchestratorCompleted
  | EventRaised
  | ExecutionSuspended
  | ExecutionResumed;

/** The fields that lead every event, in the order in which the extension writes them. */
export function eventHeader<const Type extends number>(type: Type, now: Date, id = -1): EventHeader<Type> {
  return { EventType: type, EventId: id, IsPlayed: false, Timestamp: now.toISOString() };
}
