import { setMaxListeners } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AotError, explain } from '@apt-ostree/errors';
import { explainNetwork, HttpError } from '@apt-ostree/http';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { isLoopback } from './loopback.ts';

export interface Ask {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Record<string, string>;
  body?: Buffer | Readable | string;
}

/** A server's answer, its body still to be read. */
export interface Answer {
  url: URL;
  status: number;
  headers: Record<string, string | undefined>;
  body: Readable;
}

export interface ConnectionOptions {
  signal: AbortSignal;
  tlsVerify?: boolean | undefined;
  certDir?: string | undefined;
}

/** Silence after which a server counts as gone. */
const TIMEOUT = 60_000;
/** What Debian's package ca-certificates makes; Node itself would trust the list it was built with. */
const SYSTEM_ROOTS = '/etc/ssl/certs/ca-certificates.crt';
/** Where podman and docker keep certificates by host: containers-certs.d(5). */
const CERTIFICATES = ['/etc/containers/certs.d', '/etc/docker/certs.d'];
const MOST_REDIRECTS = 10;

/** Asks a registry, through the proxy that the environment names; redirections are followed without the login. */
export class Connection {
  readonly #dispatcher: Dispatcher;
  readonly #signal: AbortSignal;

  constructor(host: string, options: ConnectionOptions) {
    this.#signal = options.signal;
    setMaxListeners(0, this.#signal); // every request listens
    const connect = { ...tlsOptions(host, options), timeout: TIMEOUT };
    const common = { connect, headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT };
    this.#dispatcher = isLoopback(host)
      ? new Agent(common)
      : new EnvHttpProxyAgent({ ...common, requestTls: connect, ...proxies() });
  }

  /**
   * @returns the answer, whatever its status; redirections of GET and HEAD are followed
   * @throws HttpError when no answer came
   */
  async ask(url: URL, { method, headers = {}, body }: Ask): Promise<Answer> {
    let at = url;
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const answer = await this.#once(at, method, at.origin === url.origin ? headers : withoutLogin(headers), body);
      if (![301, 302, 303, 307, 308].includes(answer.status) || !['GET', 'HEAD'].includes(method)) return answer;
      discard(answer);
      at = redirection(at, answer);
    }
    throw new HttpError(`more than ${MOST_REDIRECTS} redirections`, false);
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  async #once(url: URL, method: Ask['method'], headers: Record<string, string>, body: Ask['body']): Promise<Answer> {
    try {
      const answer = await this.#dispatcher.request({
        ...{ origin: url.origin, path: `${url.pathname}${url.search}`, method, signal: this.#signal },
        ...{ headers: { 'user-agent': 'apt-ostree', ...headers }, body: body ?? null },
      });
      const fields = answer.headers as Record<string, string | undefined>;
      return { url, status: answer.statusCode, headers: fields, body: explained(answer.body) };
    } catch (error) {
      throw explainNetwork(error);
    }
  }
}

/** Those that the environment names, with or without `http://`. Their logins are in no error. */
const proxies = () => ({ httpProxy: proxy('http_proxy'), httpsProxy: proxy('https_proxy') });

function proxy(name: string): string {
  const value = process.env[name] ?? process.env[name.toUpperCase()] ?? '';
  if (value === '') return value;
  const url = value.includes('://') ? value : `http://${value}`;
  if (URL.canParse(url) && /^https?:/i.test(url)) return url;
  throw new AotError('config', `cannot use the proxy that '${name}' names: it is no URL`, {
    hint: 'as in http://proxy.example:3128',
  });
}

/** Ends an answer whose body is not wanted. */
export const discard = ({ body }: Answer): void => void body.on('error', () => {}).destroy();

/** The whole body of an answer that is a document. @throws HttpError when it has more than `most` bytes */
export async function readAll({ body }: Answer, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new HttpError(`the answer has more than ${most} bytes`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function explained(body: Dispatcher.ResponseData['body']): Readable {
  const bytes = (async function* () {
    try {
      yield* body;
    } catch (error) {
      throw explainNetwork(error);
    }
  })();
  const readable = Readable.from(bytes, { objectMode: false });
  return readable.once('close', () => void body.dump().catch(() => {})); // a short one is read, which keeps the connection
}

const withoutLogin = ({ authorization: _, ...rest }: Record<string, string>): Record<string, string> => rest;

function redirection(from: URL, { headers, status }: Answer): URL {
  const location = headers['location'];
  if (location === undefined || !URL.canParse(location, from.href))
    throw new HttpError(`the server redirects (${status}) to nowhere`, false);
  const to = new URL(location, from);
  if (to.protocol !== from.protocol && to.protocol !== 'https:')
    throw new HttpError(`the server redirects (${status}) from ${from.protocol} to ${to.protocol}`, false);
  return to;
}

function tlsOptions(host: string, { tlsVerify, certDir }: ConnectionOptions) {
  const files = certDir === undefined ? CERTIFICATES.flatMap((d) => listIfThere(join(d, host))) : list(certDir);
  const read = (ending: string) => files.filter((f) => f.endsWith(ending)).map((f) => readCertificate(f));
  const [cert, key] = [read('.cert')[0], read('.key')[0]];
  return {
    ca: [...systemRoots(), ...read('.crt')],
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(tlsVerify === false ? { rejectUnauthorized: false } : {}),
  };
}

function systemRoots(): string[] {
  const named = process.env['SSL_CERT_FILE'];
  if (named) return [readCertificate(named)];
  return existsSync(SYSTEM_ROOTS) ? [readCertificate(SYSTEM_ROOTS)] : [];
}

const readCertificate = (path: string): string => explaining(path, () => readFileSync(path, 'utf8'));

const listIfThere = (directory: string): string[] => (existsSync(directory) ? list(directory) : []);

const list = (directory: string): string[] =>
  explaining(directory, () =>
    readdirSync(directory)
      .sort()
      .map((name) => join(directory, name)),
  );

function explaining<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw explain(error, `cannot read certificates from '${path}'`);
  }
}
