import { z } from 'zod';
import { UsageError } from '../usage-error.ts';

const answerSchema = z.object({ access_token: z.string() });
const claimsSchema = z.object({ iat: z.number(), exp: z.number() });

/** An access token of a login server, as whoever pulls an image gets it. */
export interface IssuedAccessToken {
  readonly value: string;
  /** For how long it is valid by its own word, in seconds. */
  readonly validFor: number;
}

const timeLimit = 20_000;

/** Gets an access token for a repository. @throws UsageError if the login server gives none */
export async function issueAccessToken(
  loginServer: string,
  repository: string,
  username: string,
  password: string,
): Promise<IssuedAccessToken> {
  const query = new URLSearchParams({
    service: loginServer,
    scope: `repository:${repository}:pull,metadata_read`,
  });
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const answer = await ask(`https://${loginServer}/oauth2/token?${query}`, authorization);
  if (!answer.ok) throw new UsageError(`${loginServer} gave no access token (${answer.status}).`);
  const { access_token: value } = answerSchema.parse(await answer.json());
  const claims = claimsSchema.parse(
    JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()),
  );
  return { value, validFor: claims.exp - claims.iat };
}

/** Whether the registry still lets its bearer in: it says so even of a repository that does not exist. */
export async function isLetIn(loginServer: string, repository: string, token: string): Promise<boolean> {
  const answer = await ask(`https://${loginServer}/v2/${repository}/tags/list`, `Bearer ${token}`);
  await answer.body?.cancel();
  return answer.status === 200 || answer.status === 404;
}

/** Redirects are not followed: they could lead anywhere. */
function ask(url: string, authorization: string): Promise<Response> {
  return fetch(url, {
    headers: { authorization },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeLimit),
  });
}
