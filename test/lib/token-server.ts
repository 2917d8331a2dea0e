import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';

export interface TokenServer {
  realm: string;
  close(): Promise<void>;
}

/**
 * Gives out tokens as a registry wants them (distribution's token specification): anybody may pull, one login may push.
 * @param directory gets `cert.pem`, which a registry trusts
 */
export async function tokenServer(directory: string, login: string): Promise<TokenServer> {
  mkdirSync(directory, { recursive: true });
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-days', '2'];
  await run('openssl', [...request, '-keyout', key, '-out', certificate]);
  const server = createServer((asked, response) => {
    const query = new URL(asked.url ?? '/', 'http://localhost').searchParams;
    const may = isOurs(asked, login) ? ['pull', 'push'] : ['pull'];
    const access = query.getAll('scope').map((scope) => granted(scope, may));
    response.end(JSON.stringify({ token: token(key, certificate, access) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const isOurs = ({ headers }: IncomingMessage, login: string): boolean =>
  headers.authorization === `Basic ${Buffer.from(login).toString('base64')}`;

function granted(scope: string, may: readonly string[]) {
  const [type, name, actions = ''] = scope.split(':');
  return { type, name, actions: actions.split(',').filter((action) => may.includes(action)) };
}

/** A JSON web token (RFC 7519) signed by the key, with the certificate in its header. */
function token(key: string, certificate: string, access: unknown): string {
  const x5c = [new X509Certificate(readFileSync(certificate)).raw.toString('base64')];
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'test',
    aud: 'test',
    sub: '',
    iat: now,
    nbf: now - 10,
    exp: now + 300,
    jti: randomUUID(),
    access,
  };
  const text = [{ typ: 'JWT', alg: 'RS256', x5c }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), createPrivateKey(readFileSync(key))).toString('base64url')}`;
}
