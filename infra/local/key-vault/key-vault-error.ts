import type { ErrorAnswer } from '../http/faults-and-history.ts';

/** A refusal in Key Vault's own words. */
export class KeyVaultError extends Error {
  override readonly name = 'KeyVaultError';
  readonly status: number;
  readonly code: string;
  readonly innerCode: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { innerCode?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.innerCode = more.innerCode;
    this.headers = more.headers ?? {};
  }
}

const help = 'For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182';

export function secretNotFound(nameOrId: string): KeyVaultError {
  return new KeyVaultError(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${nameOrId} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. ${help}`,
  );
}

export function deletedSecretNotFound(name: string): KeyVaultError {
  return new KeyVaultError(404, 'SecretNotFound', `Deleted Secret not found: ${name}`);
}

export function secretDisabled(): KeyVaultError {
  return new KeyVaultError(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', {
    innerCode: 'SecretDisabled',
  });
}

export function deletedButRecoverable(name: string): KeyVaultError {
  return conflict(
    'ObjectIsDeletedButRecoverable',
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
  );
}

export function beingDeleted(name?: string): KeyVaultError {
  return conflict(
    'ObjectIsBeingDeleted',
    name
      ? `Secret ${name} is currently being deleted and cannot be re-created; retry later.`
      : 'Secret is currently being deleted.',
  );
}

export function beingRecovered(): KeyVaultError {
  return conflict('ObjectIsBeingRecovered', 'Secret is currently being recovered.');
}

function conflict(innerCode: string, message: string): KeyVaultError {
  return new KeyVaultError(409, 'Conflict', message, { innerCode });
}

export function badParameter(message = 'Property has invalid value\r\n'): KeyVaultError {
  return new KeyVaultError(400, 'BadParameter', message);
}

export function methodNotAllowed(method: string): KeyVaultError {
  return new KeyVaultError(405, 'MethodNotAllowed', `HTTP ${method} not allowed`);
}

export function notFound(): KeyVaultError {
  return new KeyVaultError(404, 'NotFound', 'The resource was not found.');
}

export function throttled(retryAfterSeconds?: number): KeyVaultError {
  return new KeyVaultError(
    429,
    'Throttled',
    'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
    retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } },
  );
}

export function notImplemented(what: string): KeyVaultError {
  return new KeyVaultError(501, 'NotImplemented', `${what} is not part of the local cloud.`);
}

const usualErrors: Readonly<Record<number, KeyVaultError>> = {
  400: badParameter(),
  401: new KeyVaultError(401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.'),
  403: new KeyVaultError(403, 'Forbidden', 'Caller is not authorized to perform action on resource.'),
  404: notFound(),
  409: beingDeleted(),
  429: throttled(),
};

/** Answers an error in Key Vault's shape. */
export const keyVaultErrorAnswer: ErrorAnswer = ({ status, code, message, headers }) => {
  const usual = usualErrors[status] ?? { code: 'InternalServerError', message: 'Unexpected error.' };
  const error = { code: code ?? usual.code, message: message ?? usual.message };
  return Response.json({ error }, { status, headers: { ...headers, ...keyVaultHeaders() } });
};

/** The answer that tells a client of a refusal. */
export function refusal({ status, code, message, innerCode, headers }: KeyVaultError): Response {
  const error = innerCode ? { code, message, innererror: { code: innerCode } } : { code, message };
  return Response.json({ error }, { status, headers: { ...headers, ...keyVaultHeaders() } });
}

/** The headers of every answer of Key Vault. */
export function keyVaultHeaders(): Record<string, string> {
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'content-type': 'application/json; charset=utf-8',
    'strict-transport-security': 'max-age=31536000;includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;',
    'x-ms-keyvault-service-version': '1.9.0.0',
    'x-ms-request-id': crypto.randomUUID(),
  };
}
