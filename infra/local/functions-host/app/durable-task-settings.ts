import { UsageError } from '../../part.ts';
import { type DurableTaskSettings, durableTaskSettings } from '../durable/engine/durable-task-settings.ts';
import type { AppSettings } from '../settings/app-settings.ts';
import type { HostJson } from '../settings/host-json.ts';

/**
 * The durable engine's part of host.json, with `%SETTING%` in it resolved.
 * @throws UsageError when a setting is wrong.
 */
export function readDurableTaskSettings(
  { extensions }: HostJson,
  settings: AppSettings,
): DurableTaskSettings {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extensions.durableTask))
    options[name] = typeof value === 'string' ? numberOrText(settings.resolve(value)) : value;
  const parsed = durableTaskSettings.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(`host.json: extensions.durableTask.${issue?.path.join('.')}: ${issue?.message}`);
}

/** .NET configuration has only texts: a number may be written as one. */
function numberOrText(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}
