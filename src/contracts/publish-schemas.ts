import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { publishedSchemas } from './published-schemas.ts';

// Writes the published JSON Schemas anew: node src/contracts/publish-schemas.ts

const folder = new URL('../../docs/schemas/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, schema] of publishedSchemas())
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(schema, undefined, 2)}\n`);
