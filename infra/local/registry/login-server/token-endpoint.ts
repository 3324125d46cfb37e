import type { PartRequest } from '../../http/serve.ts';
import { readText } from '../read-text.ts';
import { type Access, type Account, grantAccess, parseScopes } from './access.ts';
import { basicCredentials, type Credentials, logIn } from './log-in.ts';
import type { LoginServer } from './login-server.ts';
import { LoginServerError, unauthorized, unsupported } from './login-server-error.ts';

const mostFormBytes = 64 * 1024;

/**
 * `GET /oauth2/token` with Basic credentials, or without any where anonymous pull is on: an access token for the scopes that are
 * asked for and granted now.
 */
export function getToken(server: LoginServer, context: PartRequest): Promise<Response> {
  const query = new URL(context.req.url).searchParams;
  const authorization = context.req.header('authorization');
  const credentials = basicCredentials(authorization);
  if (authorization && !credentials) throw unauthorized();
  return answerToken(server, context, query, credentials);
}

/**
 * `POST /oauth2/token` with a user name and password in a form. Azure gives registry tokens no refresh token, so there is none
 * that could be accepted here.
 */
export async function postToken(server: LoginServer, context: PartRequest): Promise<Response> {
  const form = new URLSearchParams(await readText(context.req.raw, mostFormBytes, formTooLarge));
  const grantType = form.get('grant_type');
  if (grantType === 'refresh_token') throw unauthorized();
  if (grantType !== 'password') throw unsupported(`the grant_type '${grantType ?? ''}'`);
  const credentials = { username: form.get('username') ?? '', password: form.get('password') ?? '' };
  return answerToken(server, context, form, credentials);
}

async function answerToken(
  server: LoginServer,
  context: PartRequest,
  parameters: URLSearchParams,
  credentials: Credentials | undefined,
): Promise<Response> {
  context.set('operation', 'login');
  const { registry, store, accessTokens } = server;
  const { loginServer } = registry;
  if (parameters.get('service')?.toLowerCase() !== loginServer.toLowerCase())
    throw new LoginServerError(400, 'BAD_REQUEST', `The service must be '${loginServer}'.`);
  const asked = parseScopes(parameters.getAll('scope'));
  const account = identify(server, context, credentials, asked);
  const subject = subjectOf(account, server);
  if (subject) context.set('identity', subject);
  const access = grantAccess(registry, account, asked);
  const refuses = account.kind === 'anonymous' || store.settings.ungrantedScope === 'refused';
  if (refuses && asked.length > 0 && access.length === 0)
    throw unauthorized(undefined, { detail: detailOf(asked) });
  const accessToken = await accessTokens.mint(
    { subject, access },
    { loginServer, now: store.clock.now(), minutes: store.settings.accessTokenMinutes },
  );
  return Response.json({ access_token: accessToken });
}

function identify(
  server: LoginServer,
  context: PartRequest,
  credentials: Credentials | undefined,
  asked: readonly Access[],
): Account {
  const { registry, store, nodes } = server;
  if (credentials) return logIn(registry, credentials, nodes.nodeOf(context), store.clock.now());
  if (registry.anonymousPullEnabled) return { kind: 'anonymous' };
  throw unauthorized(undefined, asked.length > 0 ? { detail: detailOf(asked) } : {});
}

function subjectOf(account: Account, { registry }: LoginServer): string {
  if (account.kind === 'token') return account.token.name;
  return account.kind === 'administrator' ? registry.name : '';
}

/** What is missing, as the login server lists it. */
export function detailOf(asked: readonly Access[]): { Type: string; Name: string; Action: string }[] {
  return asked.flatMap(({ type, name, actions }) =>
    actions.map((action) => ({ Type: type, Name: name, Action: action })),
  );
}

function formTooLarge(): LoginServerError {
  return new LoginServerError(413, 'SIZE_INVALID', 'The form is too large.');
}
