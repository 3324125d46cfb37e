import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import type { AlertGroup } from '../alerting/alert-group.ts';
import { type MemberPlace, memberPartition } from '../alerting/incident.ts';
import type { Member, MemberSummary } from '../alerting/member.ts';
import type { SinkHealth } from '../alerting/sink-health.ts';
import type { AlertStore, Stored } from '../ports/alert-store.ts';
import type { Clock } from '../ports/clock.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { Caller } from './call.ts';
import { ConditionalRows } from './conditional-rows.ts';
import { splitText } from './large-text.ts';
import { jsonOf, type Row } from './record-rows.ts';
import { callTable, mostActions, recordsCaller } from './record-tables.ts';
import { listRows } from './table-pages.ts';

const groupPartition = 'groups';
const sinkPartition = 'sinks';
const summaryColumns = ['severity', 'deadline', 'since', 'recordedAt', 'changedAt', 'resolvedAt'];

/** What alerting remembers, in a table of its own: a partition for all groups, one for each kind of alert of a registry. */
export class AlertStoreTable implements AlertStore {
  readonly #table: TableClient;
  readonly #caller: Caller;
  readonly #rows: ConditionalRows;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
    this.#rows = new ConditionalRows(table, this.#caller);
  }

  readMember({ partition, row }: MemberPlace): Promise<Stored<Member> | undefined> {
    return this.#read('readMember', partition, row);
  }

  writeMember(
    { partition, row }: MemberPlace,
    member: Member,
    earlier: Stored<Member> | undefined,
  ): Promise<Stored<Member> | undefined> {
    return this.#write('writeMember', partition, row, member, earlier, memberColumns(member));
  }

  async *listMembers(group: Pick<AlertGroup, 'id' | 'about'>): AsyncGenerator<MemberSummary> {
    const query = { filter: membersOf(group), select: ['RowKey', ...summaryColumns] };
    for await (const row of listRows(this.#table, this.#caller, 'listMembers', query)) yield summaryOf(row);
  }

  async removeMembers(group: Pick<AlertGroup, 'id' | 'about'>): Promise<boolean> {
    const partitionKey = memberPartition(group.about);
    let batch: TransactionAction[] = [];
    let isComplete = true;
    const remove = async () => {
      if (batch.length > 0 && !(await this.#removeAll(batch))) isComplete = false;
      batch = [];
    };
    const query = { filter: membersOf(group), select: ['PartitionKey', 'RowKey'] };
    for await (const { rowKey, etag } of listRows(this.#table, this.#caller, 'removeMembers', query)) {
      batch.push(['delete', { partitionKey, rowKey: String(rowKey), etag: String(etag) }]);
      if (batch.length === mostActions) await remove();
    }
    await remove();
    return isComplete;
  }

  readGroup(id: string): Promise<Stored<AlertGroup> | undefined> {
    return this.#read('readGroup', groupPartition, id);
  }

  writeGroup(
    group: AlertGroup,
    earlier: Stored<AlertGroup> | undefined,
  ): Promise<Stored<AlertGroup> | undefined> {
    return this.#write('writeGroup', groupPartition, group.id, group, earlier);
  }

  async removeGroup({ value, etag }: Stored<AlertGroup>): Promise<boolean> {
    await this.#rows.remove('removeGroup', groupPartition, value.id, etag);
    return (await this.#rows.read('removeGroup', groupPartition, value.id)) === undefined;
  }

  async *listGroups(): AsyncGenerator<Stored<AlertGroup>> {
    const filter = odata`PartitionKey eq ${groupPartition}`;
    for await (const row of listRows(this.#table, this.#caller, 'listGroups', filter))
      yield { value: jsonOf(row) as AlertGroup, etag: String(row.etag) };
  }

  readSink(name: string): Promise<Stored<SinkHealth> | undefined> {
    return this.#read('readSink', sinkPartition, name.toLowerCase());
  }

  writeSink(
    name: string,
    health: SinkHealth,
    earlier: Stored<SinkHealth> | undefined,
  ): Promise<Stored<SinkHealth> | undefined> {
    return this.#write('writeSink', sinkPartition, name.toLowerCase(), health, earlier);
  }

  async #read<Value>(
    operation: string,
    partition: string,
    rowKey: string,
  ): Promise<Stored<Value> | undefined> {
    const row = await this.#rows.read(operation, partition, rowKey);
    return row && { value: jsonOf(row) as Value, etag: row.etag };
  }

  async #write<Value>(
    operation: string,
    partitionKey: string,
    rowKey: string,
    value: Value,
    earlier: Stored<Value> | undefined,
    columns: Row = {},
  ): Promise<Stored<Value> | undefined> {
    const entity = { partitionKey, rowKey, ...columns, ...splitText(JSON.stringify(value)) };
    const etag = await this.#rows.write(operation, entity, earlier);
    return etag === undefined ? undefined : { value, etag };
  }

  /** All of them or none: a row that was changed since keeps the others. */
  async #removeAll(actions: TransactionAction[]): Promise<boolean> {
    try {
      await callTable(this.#table, this.#caller, 'removeMembers', (abortSignal) =>
        this.#table.submitTransaction(actions, { abortSignal }),
      );
      return true;
    } catch (error) {
      if (isFailure(error, 'conditionNotMet', 'notFound')) return false;
      throw error;
    }
  }
}

function membersOf({ id, about }: Pick<AlertGroup, 'id' | 'about'>): string {
  return odata`PartitionKey eq ${memberPartition(about)} and group eq ${id}`;
}

/** Beside the whole member, what it is counted by. One whose beginning is on its way belongs to no group. */
function memberColumns({ incident, resolved }: Member): Row {
  if (!incident) return {};
  const { group, recordedAt, changedAt, facts } = incident;
  const { severity, since, deadline } = facts;
  return {
    group,
    severity,
    since,
    recordedAt,
    changedAt,
    ...(deadline === undefined ? {} : { deadline }),
    ...(resolved ? { resolvedAt: resolved.at } : {}),
  };
}

function summaryOf({
  rowKey,
  severity,
  deadline,
  since,
  recordedAt,
  changedAt,
  resolvedAt,
}: Row): MemberSummary {
  return {
    row: String(rowKey),
    severity: severity === 'critical' ? severity : 'warning',
    since: String(since),
    recordedAt: String(recordedAt),
    changedAt: String(changedAt),
    ...(typeof deadline === 'string' ? { deadline } : {}),
    ...(typeof resolvedAt === 'string' ? { resolvedAt } : {}),
  };
}
