import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import type { HeldMessage } from '../../../infra/local/service-bus/held-messages.ts';
import type { RunningService } from '../running-service.ts';

/** Some bytes that were persisted, logged or sent, and where they are. */
export interface Place {
  /** Such as `file`, `row`, `log`. */
  readonly kind: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** All that a running service has left behind; what of it is packed is left packed. The vault is not looked into. */
export async function* everythingPersisted(service: RunningService): AsyncGenerator<Place> {
  yield* logs(service);
  yield { kind: 'environment', name: 'settings', bytes: bytesOf(service.settings) };
  yield { kind: 'request history', name: 'cloud', bytes: bytesOf(await service.control.requests()) };
  yield* heldMessages(service);
  yield* tableRows(service);
  yield* files(service.folder);
  yield* databases(service.folder);
}

/** Of hosts that were killed too. */
function* logs({ hosts }: RunningService): Generator<Place> {
  for (const [index, { log, errors }] of hosts.entries()) {
    yield {
      kind: 'log',
      name: `host ${index}`,
      bytes: Buffer.from(log.lines.map((line) => JSON.stringify(line)).join('\n')),
    };
    yield { kind: 'error output', name: `host ${index}`, bytes: Buffer.from(errors) };
  }
}

async function* heldMessages({ control }: RunningService): AsyncGenerator<Place> {
  type InJson = Omit<HeldMessage, 'body' | 'encoded'> & Record<'body' | 'encoded', { data: number[] }>;
  const messages = (await control.heldMessages()) as InJson[];
  for (const { entity, body, encoded, ...rest } of messages)
    for (const bytes of [bytesOf(rest), Buffer.from(body.data), Buffer.from(encoded.data)])
      yield { kind: 'message', name: entity, bytes };
}

async function* tableRows(service: RunningService): AsyncGenerator<Place> {
  const endpoint = service.setting('STORAGE_TABLE_ENDPOINT');
  const credential = await service.credential();
  for await (const { name } of new TableServiceClient(endpoint, credential).listTables()) {
    if (name === undefined) throw new Error('A table has no name.');
    for await (const row of new TableClient(endpoint, name, credential).listEntities())
      for (const bytes of [bytesOf(row), ...Object.values(row).map(bytesOf)])
        yield { kind: 'row', name, bytes };
  }
}

/** Every file below a folder. */
async function* files(folder: string): AsyncGenerator<Place> {
  for (const file of await filesBelow(folder))
    yield { kind: 'file', name: relative(folder, file), bytes: await readFile(file) };
}

/** Every value in the SQLite files below a folder, by itself, as pages of the file may tear it apart. */
async function* databases(folder: string): AsyncGenerator<Place> {
  for (const file of await filesBelow(folder)) {
    if (!(await readFile(file)).subarray(0, 15).equals(Buffer.from('SQLite format 3'))) continue;
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      for (const { name } of tables)
        for (const row of database.prepare(`SELECT * FROM "${name}"`).iterate())
          for (const [column, value] of Object.entries(row))
            yield {
              kind: 'history',
              name: `${relative(folder, file)} ${name}.${column}`,
              bytes: bytesOf(value),
            };
    } finally {
      database.close();
    }
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function bytesOf(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}
