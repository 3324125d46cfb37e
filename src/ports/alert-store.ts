import type { AlertGroup } from '../alerting/alert-group.ts';
import type { MemberPlace } from '../alerting/incident.ts';
import type { Member, MemberSummary } from '../alerting/member.ts';
import type { SinkHealth } from '../alerting/sink-health.ts';

/** Something as it was read; what is written next is conditional on it. */
export interface Stored<Value> {
  readonly value: Value;
  readonly etag: string;
}

/**
 * What alerting remembers: groups of alerts, the subjects of each, how the sinks fare. Every write is conditional on what was
 * read (undefined: there is none), and answers undefined if somebody else was faster. A write whose answer got lost may
 * answer so too.
 *
 * @throws ServiceFailure from every method
 */
export interface AlertStore {
  readMember(place: MemberPlace): Promise<Stored<Member> | undefined>;
  writeMember(
    place: MemberPlace,
    member: Member,
    earlier: Stored<Member> | undefined,
  ): Promise<Stored<Member> | undefined>;
  /** Page by page as it is read. */
  listMembers(group: Pick<AlertGroup, 'id' | 'about'>): AsyncIterable<MemberSummary>;
  /** Removes the members of a group, but those that are changed meanwhile. True: none was. */
  removeMembers(group: Pick<AlertGroup, 'id' | 'about'>): Promise<boolean>;
  readGroup(id: string): Promise<Stored<AlertGroup> | undefined>;
  writeGroup(
    group: AlertGroup,
    earlier: Stored<AlertGroup> | undefined,
  ): Promise<Stored<AlertGroup> | undefined>;
  /** False: somebody else was faster. */
  removeGroup(stored: Stored<AlertGroup>): Promise<boolean>;
  listGroups(): AsyncIterable<Stored<AlertGroup>>;
  readSink(name: string): Promise<Stored<SinkHealth> | undefined>;
  writeSink(
    name: string,
    health: SinkHealth,
    earlier: Stored<SinkHealth> | undefined,
  ): Promise<Stored<SinkHealth> | undefined>;
}
