/** Raised with each change of the tables; a file of another version is refused. */
export const schemaVersion = 1;

/**
 * Times are milliseconds since 1970. `due`, `created` and `updated` follow the cloud's clock, `leased_until` and `visible_at`
 * the machine's.
 */
export const schema = `
  CREATE TABLE instances (
    id TEXT PRIMARY KEY,
    execution_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL,
    input TEXT,
    output TEXT,
    custom_status TEXT,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE history (
    instance_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (instance_id, position)
  ) WITHOUT ROWID;

  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id TEXT NOT NULL,
    execution_id TEXT,
    due INTEGER NOT NULL,
    event TEXT NOT NULL
  );
  CREATE INDEX messages_by_due ON messages (due);
  CREATE INDEX messages_by_instance ON messages (instance_id, due);

  CREATE TABLE episodes (
    instance_id TEXT PRIMARY KEY,
    lease TEXT NOT NULL,
    leased_until INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE activities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    task_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    input TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    visible_at INTEGER NOT NULL
  );
  CREATE INDEX activities_by_visibility ON activities (visible_at);
`;
