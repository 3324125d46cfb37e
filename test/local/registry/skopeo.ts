import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { findProgram } from '../../debian-packages.ts';

export interface SkopeoRun {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs skopeo as somebody who trusts only the local authority, and keeps its logins in a folder. */
export function skopeoIn(folder: string, authorityFile: string): (...words: string[]) => Promise<SkopeoRun> {
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    REGISTRY_AUTH_FILE: join(folder, 'auth.json'),
    SSL_CERT_FILE: authorityFile,
  };
  return (...words) =>
    new Promise((resolve) => {
      execFile(
        findProgram('skopeo') ?? 'skopeo',
        ['--insecure-policy', ...words],
        { env: environment, timeout: 30_000 },
        (error, stdout, stderr) => resolve({ ok: error === null, output: stdout + stderr }),
      );
    });
}
