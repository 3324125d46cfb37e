import type { Clock } from '../../../clock.ts';
import type { EpisodeChanges, EpisodeWork } from '../episode/run-episode.ts';
import type { HistoryEvent } from '../history-event.ts';
import { type InstanceRecord, isFinished } from '../instance-record.ts';
import type { Message } from '../message.ts';
import { ActivityTable, type ActivityWorkItem } from './activity-table.ts';
import { Database } from './database.ts';
import { EpisodeLeases } from './episode-leases.ts';
import { HistoryTable } from './history-table.ts';
import { type InstanceFilter, InstanceTable } from './instance-table.ts';
import { MessageTable } from './message-table.ts';

export interface TaskHubOptions {
  /** The SQLite file; several processes may share it. */
  readonly file: string;
  readonly clock: Clock;
  /** Milliseconds after which work that was given out is given out again. */
  readonly redeliveryDelay: number;
  /** The machine's time in milliseconds, for leases and visibility. */
  readonly machineTime: () => number;
  readonly isReachable: () => boolean;
}

/** The right to run an episode over an inbox. */
export interface ClaimedEpisode {
  readonly instanceId: string;
  readonly lease: string;
  readonly work: EpisodeWork;
}

/**
 * The stored state of a task hub. Each method is one transaction.
 * Every method throws `StoreUnreachable` while the store cannot be reached.
 */
export class TaskHub {
  readonly #options: TaskHubOptions;
  readonly #database: Database;
  readonly #instances: InstanceTable;
  readonly #history: HistoryTable;
  readonly #messages: MessageTable;
  readonly #leases: EpisodeLeases;
  readonly #activities: ActivityTable;

  constructor(options: TaskHubOptions) {
    this.#options = options;
    this.#database = new Database(options.file, options.isReachable);
    this.#instances = new InstanceTable(this.#database);
    this.#history = new HistoryTable(this.#database);
    this.#messages = new MessageTable(this.#database);
    this.#leases = new EpisodeLeases(this.#database);
    this.#activities = new ActivityTable(this.#database);
  }

  instance(id: string): InstanceRecord | undefined {
    return this.#database.read(() => this.#instances.get(id));
  }

  /** The history of an instance's present generation, or of its last. */
  history(id: string): HistoryEvent[] {
    return this.#database
      .read(() => this.#history.read(id))
      .map((text): HistoryEvent => JSON.parse(text) as HistoryEvent);
  }

  instances(filter: InstanceFilter, after: string, limit: number): InstanceRecord[] {
    return this.#database.read(() => this.#instances.list(filter, after, limit));
  }

  /**
   * Writes a pending instance and the message that starts it, unless one with that id is there and not finished (or, with
   * `replaceAny`, whatever its state). Returns the one that is in the way.
   */
  start(instance: InstanceRecord, message: Message, replaceAny: boolean): InstanceRecord | undefined {
    return this.#database.transaction(() => {
      const existing = this.#instances.get(instance.id);
      if (existing && !replaceAny && !isFinished(existing.status)) return existing;
      this.#remove(instance.id);
      this.#instances.put(instance);
      this.#messages.insert(message);
      return undefined;
    });
  }

  send(message: Message): void {
    this.#database.transaction(() => this.#messages.insert(message));
  }

  /** Removes instances and their histories, whatever their state; what they were sent is dropped when it falls due. */
  purge(ids: readonly string[]): void {
    this.#database.transaction(() => {
      for (const id of ids) this.#remove(id);
    });
  }

  /** Takes up to `limit` instances that have something to see and no episode under way. */
  claimEpisodes(limit: number): ClaimedEpisode[] {
    const now = this.#options.clock.now();
    const machineNow = this.#options.machineTime();
    const waiting = this.#database.read(() => this.#messages.instancesWaiting(now, machineNow, 1));
    if (waiting.length === 0) return [];
    return this.#database.transaction(() =>
      this.#messages.instancesWaiting(now, machineNow, limit).map((instanceId) => ({
        instanceId,
        lease: this.#leases.take(instanceId, machineNow + this.#options.redeliveryDelay),
        work: {
          instance: this.#instances.get(instanceId),
          history: this.#history.read(instanceId),
          messages: this.#messages.due(instanceId, now),
        },
      })),
    );
  }

  /** Commits what an episode came to, or nothing (its inbox was dropped). Returns false when its lease was lost. */
  commitEpisode({ instanceId, lease, work }: ClaimedEpisode, changes: EpisodeChanges | undefined): boolean {
    return this.#database.transaction(() => {
      if (!this.#leases.holds(instanceId, lease)) return false;
      this.#messages.delete(work.messages.map((message) => message.id));
      if (changes) this.#write(changes);
      this.#leases.end(instanceId, lease);
      return true;
    });
  }

  /** Keeps work that goes on from being given out again, unless its time-out has passed already. */
  renew(episodes: readonly ClaimedEpisode[], activities: readonly ActivityWorkItem[]): void {
    const now = this.#options.machineTime();
    const until = now + this.#options.redeliveryDelay;
    this.#database.transaction(() => {
      for (const { instanceId, lease } of episodes) this.#leases.renew(instanceId, lease, now, until);
      for (const item of activities) this.#activities.renew(item, now, until);
    });
  }

  /** Lets work be given out again after `delay` milliseconds. */
  giveBack(work: ClaimedEpisode | ActivityWorkItem, delay: number): void {
    const until = this.#options.machineTime() + delay;
    this.#database.transaction(() => {
      if ('lease' in work) this.#leases.keepUntil(work.instanceId, work.lease, until);
      else this.#activities.hide(work, until);
    });
  }

  claimActivities(limit: number): ActivityWorkItem[] {
    const now = this.#options.machineTime();
    if (!this.#database.read(() => this.#activities.anyVisible(now))) return [];
    return this.#database.transaction(() =>
      this.#activities.giveOut(now, now + this.#options.redeliveryDelay, limit),
    );
  }

  /** Sends an activity's answer to its orchestration, if it is the first answer. */
  completeActivity(item: ActivityWorkItem, answer: Message): boolean {
    return this.#database.transaction(() => {
      const first = this.#activities.delete(item);
      if (first) this.#messages.insert(answer);
      return first;
    });
  }

  nextDue(): Date | undefined {
    return this.#database.read(() => this.#messages.nextDue(this.#options.clock.now()));
  }

  /** Whether a message can be seen, or an activity is to run or running, here or in another process. */
  hasWork(): boolean {
    return this.#database.read(
      () => this.#messages.anyDue(this.#options.clock.now()) || this.#activities.any(),
    );
  }

  close(): void {
    this.#database.close();
  }

  #write({ instance, replacesHistory, events, messages, activities }: EpisodeChanges): void {
    if (replacesHistory) this.#history.delete(instance.id);
    this.#history.append(instance.id, events);
    this.#instances.put(instance);
    for (const message of messages) this.#messages.insert(message);
    for (const task of activities) this.#activities.insert(task, this.#options.machineTime());
  }

  #remove(id: string): void {
    this.#instances.delete(id);
    this.#history.delete(id);
    this.#leases.revoke(id);
  }
}
