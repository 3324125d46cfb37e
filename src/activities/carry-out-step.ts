import { isOpen, type TokenIdentity } from '../lifecycle/state.ts';
import type { Step, StepFailure, StepRequest, StepResult } from '../lifecycle/steps.ts';
import { isFailure } from '../ports/service-failure.ts';
import { troubleOf } from '../ports/trouble.ts';
import type { ActivityPorts } from './activity-ports.ts';
import { stepFailureCode } from './failure-codes.ts';
import { HeldLease, leaseEnd, leaseTimes } from './held-lease.ts';
import { identityOf } from './identity.ts';
import { stopIfAmong } from './revocation-watch.ts';
import { type OpenRecord, type StepContext, stepContext } from './step-context.ts';
import { StepStopped } from './step-stopped.ts';
import { bindScopeMap } from './steps/bind-scope-map.ts';
import { createToken } from './steps/create-token.ts';
import { deleteScopeMap } from './steps/delete-scope-map.ts';
import { deleteSecret } from './steps/delete-secret.ts';
import { deleteToken } from './steps/delete-token.ts';
import { ensureScopeMap } from './steps/ensure-scope-map.ts';
import { issueCredential } from './steps/issue-credential.ts';
import { recoverSecret } from './steps/recover-secret.ts';
import { retireSlot } from './steps/retire-slot.ts';
import { revoke } from './steps/revoke.ts';
import { setSecretVersion } from './steps/set-secret-version.ts';
import { setTokenStatus } from './steps/set-token-status.ts';

/**
 * The activity `step`: does one step of a plan under the token's lease. Never throws: why it failed is a code, and no
 * text of an error leaves it.
 */
export async function carryOutStep(request: StepRequest, ports: ActivityPorts): Promise<StepResult> {
  try {
    return await underLease(request, ports);
  } catch (error) {
    if (!(error instanceof StepStopped)) report(request, error, ports);
    return failureOf(request, error);
  }
}

async function underLease(request: StepRequest, ports: ActivityPorts): Promise<StepResult> {
  const identity = identityOf(ports.configuration, request);
  const lease = await takeLease(request, identity, ports);
  try {
    const record = await openRecord(request, identity, ports);
    const { plannedAt } = request;
    const context = stepContext(ports, record, lease, {
      plannedAt,
      report: (error) => report(request, error, ports),
    });
    return await dispatch(request.step, context);
  } finally {
    // It ends by itself; what the step has done counts, whether or not it could be given back.
    await lease.release().catch((error: unknown) => report(request, error, ports));
  }
}

/** Revocation does not wait for work that is under way: whoever holds the lease loses it. */
async function takeLease(
  request: StepRequest,
  identity: TokenIdentity,
  ports: ActivityPorts,
): Promise<HeldLease> {
  const { leases, clock, configuration } = ports;
  const times = leaseTimes(configuration);
  const asked = { holder: crypto.randomUUID(), until: leaseEnd(clock, times) };
  if (request.step.kind === 'revoke') {
    await openRecord(request, identity, ports);
    return new HeldLease(ports, times, await leases.takeOverLease(identity, asked));
  }
  const answer = await leases.takeLease(identity, asked);
  if (!answer.taken) throw new StepStopped('leaseTaken', answer.until);
  return new HeldLease(ports, times, answer.lease);
}

/**
 * What the record says, if its present plan is the one that the step belongs to.
 *
 * @throws StepStopped `planSuperseded`; `revocationPending` of the making of a password
 */
async function openRecord(
  { plan, step }: StepRequest,
  identity: TokenIdentity,
  { records, clock }: ActivityPorts,
): Promise<OpenRecord> {
  const readAt = clock.now().toISOString();
  const { stored, pending } = await records.readRecord(identity);
  if (!stored || !isOpen(stored.state, plan)) throw new StepStopped('planSuperseded');
  if (step.kind === 'issueCredential') stopIfAmong(pending);
  return { state: stored.state, readAt };
}

function dispatch(step: Step, context: StepContext): Promise<StepResult> {
  switch (step.kind) {
    case 'recoverSecret':
      return recoverSecret(step.input, context);
    case 'ensureScopeMap':
      return ensureScopeMap(step.input, context);
    case 'createToken':
      return createToken(step.input, context);
    case 'bindScopeMap':
      return bindScopeMap(step.input, context);
    case 'setTokenStatus':
      return setTokenStatus(step.input, context);
    case 'setSecretVersion':
      return setSecretVersion(step.input, context);
    case 'issueCredential':
      return issueCredential(step.input, context);
    case 'retireSlot':
      return retireSlot(step.input, context);
    case 'revoke':
      return revoke(step.input, context);
    case 'deleteToken':
      return deleteToken(context);
    case 'deleteScopeMap':
      return deleteScopeMap(step.input, context);
    case 'deleteSecret':
      return deleteSecret(step.input, context);
    default:
      // The plan was made by another release, which knows more kinds.
      step satisfies never;
      throw new StepStopped('unknownStep');
  }
}

function failureOf({ step: { kind } }: StepRequest, error: unknown): StepFailure {
  if (error instanceof StepStopped || isFailure(error)) {
    const code = error instanceof StepStopped ? error.code : stepFailureCode(error);
    return { kind, ok: false, code, ...(error.retryAt === undefined ? {} : { retryAt: error.retryAt }) };
  }
  return { kind, ok: false, code: 'unexpected' };
}

function report({ registry, token, step }: StepRequest, error: unknown, ports: ActivityPorts): void {
  ports.report({ activity: 'step', registry, token, kind: step.kind, ...troubleOf(error) });
}
