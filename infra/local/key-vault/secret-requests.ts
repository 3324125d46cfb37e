import { z } from 'zod';
import { badParameter } from './key-vault-error.ts';
import type { SecretProperties } from './secret.ts';

/** Limits of Azure Key Vault ("About Azure Key Vault secrets", "Key Vault service limits"). */
export const limits = { valueBytes: 25_600, contentType: 255, tags: 15, tag: 256, page: 25 } as const;

const text = (longest: number) => z.string().max(longest);
const instant = z.int().min(0);

const propertiesSchema = z.object({
  contentType: text(limits.contentType).nullish(),
  tags: z
    .record(text(limits.tag), text(limits.tag))
    .refine((tags) => Object.keys(tags).length <= limits.tags)
    .nullish(),
  attributes: z
    .object({ enabled: z.boolean().nullish(), nbf: instant.nullish(), exp: instant.nullish() })
    .nullish(),
});

const setSchema = propertiesSchema.extend({
  value: z.string().refine((value) => Buffer.byteLength(value) <= limits.valueBytes),
});

/** Reads the body of a request that sets a secret. */
export function readSetRequest(body: string): { value: string; properties: SecretProperties } {
  const request = read(setSchema, body);
  return { value: request.value, properties: properties(request) };
}

/** Reads the body of a request that updates a secret's properties. */
export function readUpdateRequest(body: string): SecretProperties {
  return properties(read(propertiesSchema, body));
}

/** The name in a request's path. */
export function readName(name: string): string {
  if (!/^[0-9a-z-]{1,127}$/i.test(name))
    throw badParameter(`The request URI contains an invalid name: ${name}`);
  return name;
}

function read<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(body));
  if (!parsed.success) throw badParameter();
  return parsed.data;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badParameter();
  }
}

function properties({ contentType, tags, attributes }: z.output<typeof propertiesSchema>): SecretProperties {
  return {
    contentType: contentType ?? undefined,
    tags: tags ?? undefined,
    enabled: attributes?.enabled ?? undefined,
    notBefore: attributes?.nbf ?? undefined,
    expires: attributes?.exp ?? undefined,
  };
}
