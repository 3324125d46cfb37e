import { createHash } from 'node:crypto';
import { openFindings } from '../lifecycle/drift/open-finding.ts';
import type { TokenState } from '../lifecycle/state.ts';
import type { Findings, OpenFinding } from '../ports/findings.ts';
import type { InventoryRow } from '../ports/inventory.ts';

/** The same for the same findings; undefined if the token was never looked at. To have none is not the same. */
export function findingsDigest(state: TokenState): string | undefined {
  if (state.status === 'none' || state.findings === undefined) return undefined;
  return createHash('sha256')
    .update(JSON.stringify(listed(state)))
    .digest('base64url')
    .slice(0, 16);
}

/**
 * Brings the list of open findings up to date with a token's record, before the inventory's row says that it is. So
 * whoever is stopped in between does it again.
 *
 * @throws ServiceFailure
 */
export async function listFindings(
  state: TokenState,
  row: InventoryRow | undefined,
  findings: Findings,
): Promise<void> {
  if (findingsDigest(state) === row?.findingsDigest) return;
  await findings.replaceOfToken(state.identity, listed(state));
}

function listed(state: TokenState): OpenFinding[] {
  if (state.status === 'none') return [];
  const { identity, managed } = state;
  const { entrance, owner } = managed;
  return openFindings(state.findings).map(([, { severity, drift }]) => ({
    ...identity,
    entrance,
    owner,
    severity,
    drift,
  }));
}
