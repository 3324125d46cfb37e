import type { Registry } from '../../../configuration/configuration.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Check } from '../check.ts';
import { type Diagnosis, ok, red, type Subject, warn } from '../diagnosis.ts';
import { type Look, look, Unreachable } from '../look.ts';

type LoginServer = Pick<Registry, 'name' | 'loginServer' | 'verification'>;

/** Whether passwords can be tried where clients log in. */
export function checkLoginServer(registry: LoginServer, clock: Clock): Check {
  const subject: Subject = { kind: 'login server', name: registry.loginServer };
  return {
    subject,
    async examine(signal) {
      try {
        return [
          answerDiagnosis(
            subject,
            registry,
            await look(`https://${registry.loginServer}/v2/`, clock, signal),
          ),
        ];
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        return [unreachableDiagnosis(subject, registry, error.why)];
      }
    },
  };
}

export function unreachableDiagnosis(
  subject: Subject,
  { name, verification }: LoginServer,
  why: string,
): Diagnosis {
  if (verification === 'wait')
    return ok(subject, `cannot be reached from here, and need not be: \`verification\` is \`wait\``);
  return red(
    subject,
    `cannot be reached: ${why}`,
    `Open the way there, or correct \`registries.${name}.loginServer\`. Where the app cannot reach it for good, set \`registries.${name}.verification\` to \`wait\`.`,
  );
}

/** A registry asks for a token, and says where to get it. Source: the distribution specification, and ACR's own answers. */
export function answerDiagnosis(
  subject: Subject,
  { name, loginServer }: LoginServer,
  { status, headers }: Pick<Look, 'status' | 'headers'>,
): Diagnosis {
  const challenge = headers.get('www-authenticate') ?? '';
  const service = /\bservice="([\w.:-]{1,255})"/i.exec(challenge)?.[1];
  if (status === 401 && /^Bearer /i.test(challenge) && service !== undefined) {
    if (service.toLowerCase() === loginServer.toLowerCase()) return ok(subject, 'answers as a registry does');
    return red(
      subject,
      `is the registry ${service}`,
      `Set \`registries.${name}.loginServer\` to the name that clients log in to.`,
    );
  }
  if (status === 403)
    return red(
      subject,
      'refuses this address (403)',
      `Allow it in the network rules of the registry, or set \`registries.${name}.verification\` to \`wait\`.`,
    );
  const says = `does not answer as a registry does (${status})`;
  const remedy = `Look whether \`registries.${name}.loginServer\` is right, and what stands before it.`;
  return status >= 500 || status === 429
    ? warn(subject, says, 'Run the doctor again.')
    : red(subject, says, remedy);
}
