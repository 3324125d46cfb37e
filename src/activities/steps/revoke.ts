import type { Instant } from '../../contracts/instants.ts';
import type { CutOff } from '../../lifecycle/state.ts';
import type { CutOffPart, StepKinds, StepResult } from '../../lifecycle/steps.ts';
import { isFailure } from '../../ports/service-failure.ts';
import { stepFailureCode } from '../failure-codes.ts';
import { momentOf, type StepContext } from '../step-context.ts';
import { StepStopped } from '../step-stopped.ts';
import { switchPublished } from './set-secret-version.ts';

type Input = StepKinds['revoke']['input'];

interface Part {
  readonly part: CutOffPart;
  readonly doneAt: keyof CutOff;
  readonly act: (input: Input, context: StepContext) => Promise<void>;
}

const parts: readonly Part[] = [
  { part: 'disabled', doneAt: 'disabledAt', act: disable },
  { part: 'secretVersionOff', doneAt: 'secretOffAt', act: switchOff },
  { part: 'passwordsRegenerated', doneAt: 'regeneratedAt', act: replacePasswords },
];

/** Each part is tried whatever became of the others; only a lost lease ends all of it, since then somebody else does it. */
export async function revoke(input: Input, context: StepContext): Promise<StepResult<'revoke'>> {
  const done: Partial<Record<keyof CutOff, Instant>> = {};
  let why: Pick<StepResult<'revoke'>, 'code' | 'retryAt'> | undefined;
  for (const { doneAt, act } of parts.filter((each) => input.missing.includes(each.part))) {
    try {
      await act(input, context);
      done[doneAt] = momentOf(context);
    } catch (error) {
      if (!(error instanceof StepStopped)) context.report(error);
      why ??= reasonOf(error);
      if (why.code === 'leaseLost') break;
    }
  }
  return { kind: 'revoke', ok: true, ...done, ...why };
}

async function disable(_input: Input, { registry, identity, lease }: StepContext): Promise<void> {
  const token = await registry.setTokenStatus(identity.token, false, await lease.renew());
  if (token?.enabled) throw new StepStopped('enabledByOthers');
}

async function switchOff(
  { vault, secretName }: Input,
  { vault: vaultOf, identity, lease }: StepContext,
): Promise<void> {
  const asked = { secretName, enabled: false };
  await switchPublished(vaultOf(vault), identity, asked, await lease.renew());
}

/** The only place where both passwords are replaced at once. */
async function replacePasswords(_input: Input, { registry, identity, lease }: StepContext): Promise<void> {
  await registry.replaceBothPasswords(identity.token, await lease.renew());
}

function reasonOf(error: unknown): Pick<StepResult<'revoke'>, 'code' | 'retryAt'> {
  if (error instanceof StepStopped) return { code: error.code };
  if (!isFailure(error)) return { code: 'unexpected' };
  const { retryAt } = error;
  return { code: stepFailureCode(error), ...(retryAt === undefined ? {} : { retryAt }) };
}
