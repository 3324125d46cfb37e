import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../part.ts';

const localSettingsSchema = z.object({
  IsEncrypted: z.boolean().optional(),
  Values: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .nullish()
    .transform((values) => values ?? {}),
  ConnectionStrings: z
    .record(z.string(), z.union([z.string(), z.object({ ConnectionString: z.string() })]))
    .nullish()
    .transform((strings) => strings ?? {}),
});

/** The environment that an app gets, and what to tell about it. */
export interface AppEnvironment {
  readonly variables: Record<string, string>;
  /** Lines for the log: settings of the file that were not taken. */
  readonly notes: readonly string[];
}

/**
 * Adds local.settings.json (`Values` and `ConnectionStrings`), then the given defaults, to an environment. As with the Core
 * Tools a variable that already has a non-empty value wins.
 * @throws UsageError when the file is not readable as settings; it names the file.
 */
export async function readAppEnvironment(
  scriptRoot: string,
  present: Readonly<Record<string, string | undefined>>,
  defaults: Readonly<Record<string, string>>,
): Promise<AppEnvironment> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(present)) if (value !== undefined) variables[name] = value;
  const notes: string[] = [];
  for (const [name, value] of Object.entries(await readLocalSettings(scriptRoot))) {
    if (name === '') notes.push('Skipping local setting with empty key.');
    else if (variables[name])
      notes.push(
        `Skipping '${name}' from local settings as it's already defined in current environment variables.`,
      );
    else if (value === null) notes.push(`Skipping '${name}' because value is null`);
    else variables[name] = value;
  }
  for (const [name, value] of Object.entries(defaults)) variables[name] ||= value;
  return { variables, notes };
}

async function readLocalSettings(scriptRoot: string): Promise<Record<string, string | null>> {
  const file = join(scriptRoot, 'local.settings.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  });
  if (text === undefined) return {};
  const settings = parseLocalSettings(file, text);
  if (settings.IsEncrypted)
    throw new UsageError(`${file} is encrypted; only IsEncrypted: false is supported`);
  const values: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(settings.Values))
    values[name] = value === null ? null : String(value);
  for (const [name, value] of Object.entries(settings.ConnectionStrings))
    values[`ConnectionStrings:${name}`] = typeof value === 'string' ? value : value.ConnectionString;
  return values;
}

function parseLocalSettings(file: string, text: string): z.output<typeof localSettingsSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = localSettingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
}
