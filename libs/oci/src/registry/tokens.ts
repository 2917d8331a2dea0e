import { HttpError } from '@apt-ostree/http';
import type { Challenge } from './challenge.ts';
import { type Connection, readAll } from './connection.ts';
import type { Login } from './logins.ts';

/** Of an answer with a token. */
const MOST_BYTES = 1024 * 1024;

/**
 * Gets a token from the server that a registry names, for what the scopes say (distribution's token specification).
 * @returns the header value
 * @throws HttpError `refused` for a wrong login
 */
export async function bearer(
  connection: Connection,
  { parameters }: Challenge,
  scopes: readonly string[],
  login: Login | undefined,
  registry: URL,
): Promise<string> {
  const realm = parameters['realm'];
  if (realm === undefined || !URL.canParse(realm))
    throw new HttpError('it asks for a token and does not say where', false);
  const url = new URL(realm);
  // A registry that is spoken to in secret must not have the password sent in the clear.
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || registry.protocol !== 'http:'))
    throw new HttpError(`it wants the login at ${url.protocol}//${url.host}`, false);
  const answer = isIdentity(login)
    ? await refresh(connection, url, parameters['service'], scopes, login.identityToken)
    : await connection.ask(withQuery(url, parameters['service'], scopes, login), {
        method: 'GET',
        headers: basic(login),
      });
  const { status } = answer;
  const body = await readAll(answer, MOST_BYTES);
  if (status === 401 || status === 403) throw new LoginRefused(status);
  if (status !== 200) throw new HttpError(`'${url.host}' answered ${status} when asked for a token`, status >= 500);
  return `Bearer ${tokenIn(body, url.host)}`;
}

/** The login is wrong, or there is none. */
export class LoginRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`refused (${status})`);
    this.status = status;
  }
}

const isIdentity = (login: Login | undefined): login is { identityToken: string } =>
  login !== undefined && 'identityToken' in login;

/** The header of HTTP basic authentication (RFC 7617). */
export const basic = (login: Login | undefined): Record<string, string> =>
  login === undefined || isIdentity(login)
    ? {}
    : { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}` };

function withQuery(url: URL, service: string | undefined, scopes: readonly string[], login: Login | undefined): URL {
  const asked = new URL(url);
  if (service !== undefined) asked.searchParams.set('service', service);
  for (const scope of scopes) asked.searchParams.append('scope', scope);
  if (login !== undefined && !isIdentity(login)) asked.searchParams.set('account', login.user);
  return asked;
}

async function refresh(
  connection: Connection,
  url: URL,
  service: string | undefined,
  scopes: readonly string[],
  identityToken: string,
) {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: identityToken,
    client_id: 'apt-ostree',
  });
  if (service !== undefined) form.set('service', service);
  form.set('scope', scopes.join(' '));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return connection.ask(url, { method: 'POST', headers, body: form.toString() });
}

function tokenIn(body: Buffer, host: string): string {
  try {
    const { token, access_token: accessToken } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    const found = token ?? accessToken;
    if (typeof found === 'string' && /^[\w.~+/=-]+$/.test(found)) return found;
  } catch {} // said below
  throw new HttpError(`'${host}' did not answer with a token`, false);
}
