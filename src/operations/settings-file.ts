import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { UsageError } from './usage-error.ts';

const textValues = z.record(z.string(), z.string());
const localSettings = z.object({ Values: textValues });

/**
 * The settings in a file: lines `NAME='value'`, as `npm run cloud -- --environment FILE` and `azd env get-values` write
 * them; or JSON, plain or as in `local.settings.json`.
 *
 * @throws UsageError that names the file
 */
export function readSettingsFile(file: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`The settings file ${file} cannot be read.`);
  }
  return settingsIn(text, file);
}

/** @throws UsageError if it is JSON, but not of settings */
export function settingsIn(text: string, file: string): Record<string, string> {
  if (!text.trimStart().startsWith('{')) {
    const lines = parseEnv(text);
    return Object.fromEntries(Object.entries(lines).map(([name, value]) => [name, value ?? '']));
  }
  const json = parseJson(text);
  const nested = localSettings.safeParse(json);
  if (nested.success) return nested.data.Values;
  const plain = textValues.safeParse(json);
  if (plain.success) return plain.data;
  throw new UsageError(
    `The settings file ${file} is JSON, but neither names with text values, nor these under "Values".`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The settings that a command works with: those of the process, and over them those of the files, the last one first.
 * They become the process's own, since Azure's clients read some by themselves, and so do certificates that it is to
 * trust (`NODE_EXTRA_CA_CERTS`, which Node itself reads only when it starts).
 *
 * @throws UsageError that names the file
 */
export function useSettings(files: readonly string[]): Readonly<Record<string, string | undefined>> {
  const settings = Object.assign({}, ...files.map(readSettingsFile)) as Record<string, string>;
  Object.assign(process.env, settings);
  const { NODE_EXTRA_CA_CERTS: authority } = settings;
  if (authority) trust(authority);
  return process.env;
}

function trust(file: string): void {
  try {
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')]);
  } catch {
    throw new UsageError(`NODE_EXTRA_CA_CERTS names the file ${file}, which holds no certificates.`);
  }
}
