import type { Drift } from '../../src/contracts/event-data.ts';
import type { TokenFinding } from '../../src/contracts/findings.ts';
import type { OpenFindings } from '../../src/lifecycle/drift/open-finding.ts';
import { start } from './build.ts';

/** A finding as a record has it: made by automation at `start`, and nothing done about it. */
export function openFinding(finding: TokenFinding, changes: Partial<Drift> = {}): OpenFindings {
  return {
    [finding]: {
      severity: 'critical',
      drift: {
        finding,
        since: start,
        differences: [],
        cause: 'automation',
        evidence: [],
        noticedBy: 'report',
        done: 'nothing',
        ...changes,
      },
    },
  };
}
