import { setTimeout as wait } from 'node:timers/promises';
import { openRecordTables } from '../../../src/adapters/record-tables.ts';
import { systemClock } from '../../../src/adapters/system-clock.ts';
import { TokenRecordsTable } from '../../../src/adapters/token-records-table.ts';
import { commandKey } from '../../../src/contracts/command-key.ts';
import type { CommandType } from '../../../src/contracts/commands.ts';
import type { EventOf, EventType, KeyturnEvent } from '../../../src/contracts/events.ts';
import type { CommandOutcome } from '../../../src/lifecycle/settlement.ts';
import type { TokenIdentity, TokenState } from '../../../src/lifecycle/state.ts';
import { command, type Messages, type SentCommand } from '../messages.ts';
import type { RunningService } from '../running-service.ts';

/** How commands are sent: by which entrance, and what differs from the usual. */
export interface Sending {
  readonly entrance?: EntranceName;
  /** The entrance's own queue, if left out. */
  readonly queue?: string;
  readonly about?: Partial<SentCommand>;
}

const sources = {
  'token-requests': '/self-service/form',
  'token-requests-partners': '/partner-portal',
  'token-requests-devices': '/provisioning/line-1',
} as const;

export type EntranceName = keyof typeof sources;

export const entranceNames = Object.keys(sources).filter((name): name is EntranceName =>
  Object.hasOwn(sources, name),
);

const patience = 60_000;

/** Somebody who sends commands at the cloud's time, and asks what became of them. */
export class Requester {
  readonly messages: Messages;
  readonly #service: RunningService;
  readonly #records: TokenRecordsTable;

  private constructor(service: RunningService, messages: Messages, records: TokenRecordsTable) {
    this.#service = service;
    this.messages = messages;
    this.#records = records;
  }

  static async open(service: RunningService): Promise<Requester> {
    const endpoint = service.setting('Records__tableServiceUri');
    const tables = openRecordTables({ kind: 'identity', endpoint, credential: await service.credential() });
    const records = new TokenRecordsTable(tables.records, systemClock);
    return new Requester(service, service.openMessages(), records);
  }

  /** A command as a sender of the entrance makes it now. */
  async command(
    type: CommandType,
    token: string,
    data: Readonly<Record<string, unknown>> = {},
    { entrance = 'token-requests', about = {} }: Sending = {},
  ): Promise<SentCommand> {
    const time = (await this.#service.control.now()).toISOString();
    return command(type, token, data, { source: sources[entrance], time, ...about });
  }

  /** Sends a command and resolves with it. */
  async send(
    type: CommandType,
    token: string,
    data: Readonly<Record<string, unknown>> = {},
    sending: Sending = {},
  ): Promise<SentCommand> {
    const made = await this.command(type, token, data, sending);
    const { entrance = 'token-requests', queue = entrance } = sending;
    await this.messages.send(queue, made);
    return made;
  }

  /** Sends a command and resolves with its outcome, such as `done` or `denied noSuchToken`. */
  async ask(
    type: CommandType,
    token: string,
    data: Readonly<Record<string, unknown>> = {},
    sending: Sending = {},
  ): Promise<string> {
    const { status, code } = await this.outcome(await this.send(type, token, data, sending), sending);
    return code === undefined ? status : `${status} ${code}`;
  }

  /** Sends a command that leads to an event, and resolves with that event's data. */
  async cause<Type extends EventType>(
    event: Type,
    type: CommandType,
    token: string,
    data: Readonly<Record<string, unknown>> = {},
    sending: Sending = {},
  ): Promise<EventOf<Type>['data']> {
    return dataOf(await this.causeEvent(event, type, token, data, sending));
  }

  /** Sends a command that leads to an event, and resolves with that. */
  async causeEvent<Type extends EventType>(
    event: Type,
    type: CommandType,
    token: string,
    data: Readonly<Record<string, unknown>> = {},
    sending: Sending = {},
  ): Promise<EventOf<Type>> {
    const { id } = await this.send(type, token, data, sending);
    return this.event(event, token, ({ data }) => causeOf(data) === id);
  }

  /** The first event of a type about a token that fits. */
  async event<Type extends EventType>(
    type: Type,
    token: string,
    fits: (event: KeyturnEvent) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    const find = () =>
      this.messages.events.flatMap((event) => (isOf(event, type, token) && fits(event) ? [event] : []))[0];
    await this.messages.until(`${type} of ${token}`, () => find() !== undefined);
    const found = find();
    if (!found) throw new Error('The event is gone.');
    return found;
  }

  /** The types of all events about a token until now, without `keyturn.token.`. */
  told(token: string): string[] {
    return this.messages.events
      .filter(({ data }) => data.token === token)
      .map(({ type }) => type.replace('keyturn.token.', ''));
  }

  /** Resolves when a command has ended. @throws Error after a minute */
  async outcome(
    { source, id, subject }: SentCommand,
    { entrance = 'token-requests' }: Pick<Sending, 'entrance'> = {},
  ): Promise<CommandOutcome> {
    const token = subject.split('/')[1] ?? '';
    const key = commandKey(entrance, { source, id });
    for (const end = Date.now() + patience; Date.now() < end; await wait(100)) {
      const ended = (await this.#records.readCommand(this.#identity(token), key))?.outcome;
      if (ended) return ended;
    }
    throw new Error(`The command ${id} to ${token} had not ended after ${patience} ms.`);
  }

  /** What the record says of a token now. */
  async state(token: string): Promise<TokenState | undefined> {
    return (await this.#records.readState(this.#identity(token)))?.state;
  }

  /** The record without what changes each time that the lifecycle looks at it. */
  async standing(token: string): Promise<object> {
    const state = await this.state(token);
    if (!state) return { status: 'none' };
    const { plan, settled, lookAt, ...standing } = state;
    if (!('managed' in standing)) return standing;
    const { comparedBy, findings = {}, ...rest } = standing;
    return { ...rest, findings };
  }

  close(): Promise<void> {
    return this.messages.close();
  }

  #identity(token: string): TokenIdentity {
    const { registries } = JSON.parse(this.#service.setting('KEYTURN_CONFIGURATION'));
    return { registry: 'contoso', loginServer: registries.contoso.loginServer, token };
  }
}

function dataOf<Type extends EventType>(event: EventOf<Type>): EventOf<Type>['data'] {
  return event.data as EventOf<Type>['data'];
}

function isOf<Type extends EventType>(
  event: KeyturnEvent,
  type: Type,
  token: string,
): event is EventOf<Type> {
  return event.type === type && event.data.token === token;
}

/** The data of a request for a team's token with these repositories. */
export function teamRequest(
  repositories: Readonly<Record<string, readonly string[]>> = { 'teams/web': ['content/read'] },
  more: Readonly<Record<string, unknown>> = {},
) {
  return { owner: 'team-web', access: { repositories }, ...more };
}

/** The id of the command that led to an event; nothing if none did. */
export function causeOf(data: KeyturnEvent['data']): string | undefined {
  return 'command' in data ? data.command?.id : undefined;
}
