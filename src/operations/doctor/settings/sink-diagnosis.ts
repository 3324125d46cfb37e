import type { AlertSink } from '../../../configuration/alert-sinks.ts';
import { type Diagnosis, ok, red, warn } from '../diagnosis.ts';

/** What is known of the address of a sink, which is a secret and is not shown. */
export function sinkDiagnosis({ name, url }: Pick<AlertSink, 'name' | 'url'>, isApp: boolean): Diagnosis {
  const subject = { kind: 'setting', name: `AlertSinks__${name}__url` };
  if (url !== undefined) return ok(subject, 'is an address of an allowed host');
  if (isApp)
    return red(
      subject,
      'is a reference to a key vault that Azure has not resolved',
      'Look at the environment variables of the app in the portal, which say why.',
    );
  return warn(
    subject,
    'is a reference to a key vault, or its signing key is; only the app itself sees what it holds',
    'Look at the environment variables of the app in the portal: the reference has to be resolved there.',
  );
}
