import type { HostLog } from '../log/host-log.ts';
import type { WorkerLog } from './worker-messages.ts';

/** Puts a worker's log line into the host's log, under the real host's categories. */
export function logWorkerLine(log: HostLog, line: WorkerLog): void {
  const { level, message, functionName, invocationId } = line;
  if (level === 'none' || line.category === 'customMetric') return;
  const suffix = line.category === 'user' ? '.User' : '';
  log.write({
    level,
    category: functionName ? `Function.${functionName}${suffix}` : 'Host.Worker',
    message,
    functionName,
    invocationId,
  });
}

/** Puts what the app printed into the host's log; what it printed as an error gets its level by its words, as on the real host. */
export function logWorkerOutput(log: HostLog, line: string, stream: 'stdout' | 'stderr'): void {
  const level = stream === 'stdout' ? 'information' : outputLevel(line);
  log.write({ level, category: 'Host.Function.Console', message: line });
}

function outputLevel(line: string): 'information' | 'warning' | 'error' {
  if (/warn/i.test(line)) return 'warning';
  return /error|fail|severe/i.test(line) ? 'error' : 'information';
}
