import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** The local certificate authority and the one server certificate that all parts use. Texts are PEM. */
export interface Certificates {
  /** File of the authority's certificate, for `NODE_EXTRA_CA_CERTS` and other clients' trust settings. */
  readonly authorityFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 24 * 60 * 60 * 1000;

/** Opens the certificates in a folder; makes them at the first start, and again when they end within 30 days. */
export async function openCertificates(folder: string): Promise<Certificates> {
  const files = {
    authorityFile: join(folder, 'ca.crt'),
    certFile: join(folder, 'server.crt'),
    keyFile: join(folder, 'server.key'),
  };
  const kept = await readKept(files);
  if (kept) return { ...files, ...kept };
  const made = await makeCertificates();
  await mkdir(folder, { recursive: true });
  await replaceFile(files.authorityFile, made.authority);
  await replaceFile(files.keyFile, made.key);
  await replaceFile(files.certFile, made.cert);
  return { ...files, ...made };
}

interface Pems {
  authority: string;
  cert: string;
  key: string;
}

async function readKept(files: {
  authorityFile: string;
  certFile: string;
  keyFile: string;
}): Promise<Pems | undefined> {
  try {
    const [authority, cert, key] = await Promise.all(
      [files.authorityFile, files.certFile, files.keyFile].map((file) => readFile(file, 'utf8')),
    );
    if (!authority || !cert || !key) return undefined;
    const server = new X509Certificate(cert);
    const issued = server.verify(new X509Certificate(authority).publicKey);
    return issued && new Date(server.validTo).getTime() > Date.now() + 30 * day
      ? { authority, cert, key }
      : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeCertificates(): Promise<Pems> {
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notBefore = new Date(Date.now() - day);
  const notAfter = new Date(Date.now() + 825 * day);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Keyturn local cloud authority',
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const server = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'dns', value: '*.localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey)).toString(
    'base64',
  );
  const keyLines = pkcs8.match(/.{1,64}/g)?.join('\n');
  return {
    authority: `${authority.toString('pem')}\n`,
    cert: `${server.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${keyLines}\n-----END PRIVATE KEY-----\n`,
  };
}

async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
