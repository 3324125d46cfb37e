import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publishedSchemas } from '../../src/contracts/published-schemas.ts';

const folder = 'docs/schemas';

describe('the published JSON Schemas', () => {
  const schemas = publishedSchemas();

  it('are all there, and no others', () => {
    const expected = [...schemas.keys()].map((name) => `${name}.json`).sort();
    expect(readdirSync(folder).sort()).toEqual(expected);
  });

  it.each([...schemas.keys()])(
    'say of %s what the code says (else: node src/contracts/publish-schemas.ts)',
    (name) => {
      expect(JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))).toEqual(
        JSON.parse(JSON.stringify(schemas.get(name))),
      );
    },
  );
});
