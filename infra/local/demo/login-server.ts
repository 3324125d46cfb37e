import { request } from 'node:https';

/** How the login server answered a token's name and password. */
export interface LoginAnswer {
  readonly status: number;
  /** What it granted of what was asked for, as `pull` and `push`; nothing if nothing was asked for. */
  readonly granted: readonly string[];
}

/** The registry's login server, as `docker login` and `docker push` ask it. */
export class LoginServer {
  readonly #host: string;

  /** @param host with its port, such as `localhost:5443` */
  constructor(host: string) {
    this.#host = host;
  }

  /** Logs in on a connection of its own, so that each of the server's nodes has its turn. */
  async logIn(token: string, password: string, scope?: { repository: string }): Promise<LoginAnswer> {
    const query = new URLSearchParams({ service: this.#host });
    if (scope) query.set('scope', `repository:${scope.repository}:pull,push`);
    const { status, body } = await this.#get(`/oauth2/token?${query}`, `${token}:${password}`);
    return { status, granted: status === 200 ? grantedActions(JSON.parse(body)) : [] };
  }

  #get(path: string, auth: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const asking = request(`https://${this.#host}${path}`, { agent: false, auth }, (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (text: string) => {
          body += text;
        });
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      });
      asking.on('error', reject);
      asking.end();
    });
  }
}

/** The actions in the access token that the login server gave; it is a JWT, and says what it is good for. */
function grantedActions({ access_token: accessToken }: { access_token: string }): string[] {
  const [, payload = ''] = accessToken.split('.');
  const { access } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
    access: { actions: string[] }[];
  };
  return access.flatMap(({ actions }) => actions);
}
