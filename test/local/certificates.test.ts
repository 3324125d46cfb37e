import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Certificates, openCertificates } from '../../infra/local/certificates.ts';
import { httpsRequest } from './identity/https-request.ts';

const day = 24 * 3_600_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-certificates-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Status of a request to a server that shows this certificate, from a client that trusts that authority. */
async function requestTo(host: string, { key, cert }: Certificates, ca: string): Promise<number> {
  const server = createServer({ key, cert }, (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return (await httpsRequest(`https://${host}:${port}/`, { ca })).status;
  } finally {
    server.close();
  }
}

describe('the local certificates', () => {
  it.each(['localhost', '127.0.0.1'])('let a client that trusts the authority talk to %s', async (host) => {
    const certificates = await openCertificates(folder);
    expect(await requestTo(host, certificates, certificates.authority)).toBe(200);
  });

  it('mean nothing to a client that trusts another authority', async () => {
    const [one, other] = [
      await openCertificates(join(folder, 'one')),
      await openCertificates(join(folder, 'other')),
    ];
    await expect(requestTo('localhost', one, other.authority)).rejects.toThrow();
  });

  it('are an authority and a server certificate that it has issued, good for over two years', async () => {
    const { authority, cert } = await openCertificates(folder);
    const [issuer, server] = [new X509Certificate(authority), new X509Certificate(cert)];
    expect([issuer.ca, server.ca]).toEqual([true, false]);
    expect(server.checkIssued(issuer) && server.verify(issuer.publicKey)).toBe(true);
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkIP('::1')).toBe('::1');
    expect(server.checkHost('example.com')).toBeUndefined();
    const lifetime = new Date(server.validTo).getTime() - new Date(server.validFrom).getTime();
    expect(lifetime).toBeGreaterThan(730 * day);
  });

  it('are kept from start to start, in files that only their owner can read', async () => {
    const first = await openCertificates(folder);
    expect(await openCertificates(folder)).toEqual(first);
    for (const [file, text] of [
      [first.authorityFile, first.authority],
      [first.certFile, first.cert],
      [first.keyFile, first.key],
    ] as const) {
      expect(await readFile(file, 'utf8')).toBe(text);
      expect((await stat(file)).mode & 0o077).toBe(0);
    }
  });

  it('are made anew when one of the files is missing or belongs to another set', async () => {
    const first = await openCertificates(join(folder, 'one'));
    await rm(first.certFile);
    const second = await openCertificates(join(folder, 'one'));
    expect(second.cert).not.toBe(first.cert);
    const other = await openCertificates(join(folder, 'other'));
    await writeFile(second.authorityFile, other.authority);
    const third = await openCertificates(join(folder, 'one'));
    expect(third.authority).not.toBe(other.authority);
    expect(await requestTo('localhost', third, third.authority)).toBe(200);
  });

  it.each([
    [31, true],
    [29, false],
  ])('that have %i days left are kept: %s', async (days, kept) => {
    await openCertificates(folder);
    const { authority, cert } = await issueForDays(days);
    await writeFile(join(folder, 'ca.crt'), authority);
    await writeFile(join(folder, 'server.crt'), cert);
    expect((await openCertificates(folder)).cert === cert).toBe(kept);
  });
});

/** An authority and a certificate that it has issued, which ends in so many days. */
async function issueForDays(days: number): Promise<{ authority: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issued = { notBefore: new Date(), notAfter: new Date(Date.now() + days * day) };
  const signing = { signingAlgorithm: algorithm, ...issued };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=authority',
    keys,
    ...signing,
  });
  const server = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    ...signing,
  });
  return { authority: `${authority.toString('pem')}\n`, cert: `${server.toString('pem')}\n` };
}
