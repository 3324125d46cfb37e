import type { InstanceRecord } from '../instance-record.ts';

/** An instance as the HTTP API shows it. Its field for history is `historyEvents`, which the JavaScript client does not read. */
export function statusDocument(
  instance: InstanceRecord,
  showInput: boolean,
  historyEvents?: readonly object[],
): object {
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: showInput ? jsonValue(instance.input) : null,
    customStatus: jsonValue(instance.customStatus),
    output: jsonValue(instance.output),
    createdTime: toSeconds(instance.createdAt),
    lastUpdatedTime: toSeconds(instance.updatedAt),
    ...(historyEvents && { historyEvents }),
  };
}

/** The value of a JSON text; what is none (a reason, an error) is shown as it is. */
export function jsonValue(text: string | null): unknown {
  if (text === null) return null;
  const trimmed = text.trim();
  try {
    return trimmed === '' ? '' : JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}

function toSeconds(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
