import { type Diagnosis, ok, red, warn } from '../diagnosis.ts';

/** What was found of the program and what it runs on. Undefined: it could not be read. */
export interface FoundVersions {
  /** Such as `24.21.0`. */
  readonly node: string;
  readonly extensionBundle:
    | { readonly id?: string | undefined; readonly version?: string | undefined }
    | undefined;
  readonly packages: readonly FoundPackage[];
}

export interface FoundPackage {
  readonly name: string;
  /** What `package.json` asks for. */
  readonly wanted: string | undefined;
  readonly installed: string | undefined;
}

/** What the infrastructure runs the app on. */
const nodeOnAzure = 24;
const bundle = 'Microsoft.Azure.Functions.ExtensionBundle';

export function versionDiagnoses({ node, extensionBundle, packages }: FoundVersions): Diagnosis[] {
  return [nodeDiagnosis(node), bundleDiagnosis(extensionBundle), ...packages.map(packageDiagnosis)];
}

function nodeDiagnosis(node: string): Diagnosis {
  const subject = { kind: 'version', name: 'node' };
  if (Number(node.split('.')[0]) === nodeOnAzure) return ok(subject, node);
  return warn(
    subject,
    `${node}, and the infrastructure runs the app on ${nodeOnAzure}`,
    `Run the doctor by \`npm run doctor\`, which takes Node ${nodeOnAzure}.`,
  );
}

/** The range has to end with its major version, since the next one may read other settings. */
function bundleDiagnosis(found: FoundVersions['extensionBundle']): Diagnosis {
  const subject = { kind: 'version', name: 'extension bundle' };
  const { id, version } = found ?? {};
  const [, from, to, rest] = /^\[(\d+)(?:\.[\d*]+)*, *(\d+)\.(\d+\.\d+)\)$/.exec(version ?? '') ?? [];
  if (id !== bundle || from === undefined)
    return red(
      subject,
      version === undefined ? 'host.json has none' : `host.json has ${id ?? 'none'} ${version}`,
      `Write the range of \`${bundle}\` into host.json as the release has it.`,
    );
  const staysInMajor = to === from || (Number(to) === Number(from) + 1 && rest === '0.0');
  if (!staysInMajor)
    return warn(
      subject,
      `host.json lets it be any of ${version}`,
      'End the range with the major version (docs/host-settings.md).',
    );
  return ok(subject, `host.json pins it to ${version}; which one runs, the host says in its log at start`);
}

function packageDiagnosis({ name, wanted, installed }: FoundPackage): Diagnosis {
  const subject = { kind: 'version', name };
  if (installed === undefined) return red(subject, 'is not installed', 'Run `npm ci`.');
  if (wanted !== undefined && wanted !== installed)
    return warn(subject, `${installed}, and package.json wants ${wanted}`, 'Run `npm ci`.');
  return ok(subject, installed);
}
