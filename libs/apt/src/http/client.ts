import { explainNetwork, HttpError } from '@apt-ostree/http';
import type { Dispatcher } from 'undici';
import type { AptConfiguration, Credentials } from '../transport/index.ts';
import { Connections } from './connections.ts';

export { HttpError };

/** A server's answer, its body still to be read. */
export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: AsyncIterable<Buffer>;
  /** Ends an answer whose body is not wanted. */
  discard(): void;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** As many as apt follows. */
const MOST_REDIRECTS = 10;

/** Asks servers as apt's configuration wants it: proxies, logins, certificates, time-outs, redirections. */
export class HttpClient {
  readonly #connections: Connections;
  readonly #configuration: AptConfiguration;
  readonly #credentials: Credentials;

  constructor(configuration: AptConfiguration, credentials: Credentials, jobs: number, warn: (text: string) => void) {
    this.#configuration = configuration;
    this.#credentials = credentials;
    this.#connections = new Connections(configuration, credentials, jobs, warn);
  }

  /**
   * Gets a URL. Every host on the way is sent its own login and no other.
   * @throws HttpError when no answer came
   */
  async get(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    let at = url;
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const answer = await this.#ask(at, headers, signal);
      if (!REDIRECTS.has(answer.status)) return answer;
      answer.discard();
      at = this.#redirection(at, answer);
    }
    throw new HttpError(`more than ${MOST_REDIRECTS} redirections`, false);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    const authorization = this.#credentials.basic(url);
    const route = this.#connections.to(url);
    try {
      const answer = await route.dispatcher.request({
        origin: route.origin,
        path: route.path,
        method: 'GET',
        headers: { ...route.headers, ...headers, ...(authorization ? { authorization } : {}) },
        signal,
      });
      return toAnswer(answer);
    } catch (error) {
      throw explainNetwork(error);
    }
  }

  #redirection(from: URL, { headers, status }: Answer): URL {
    const location = headers['location'];
    const protocol = from.protocol.slice(0, -1);
    if (!this.#configuration.truth(this.#configuration.acquire(protocol, 'AllowRedirect'), true))
      throw new HttpError(`the server redirects (${status}), which apt's configuration forbids`, false);
    if (location === undefined || !URL.canParse(location, from.href))
      throw new HttpError(`the server redirects (${status}) to nowhere`, false);
    const to = new URL(location, from);
    const downgrade = from.protocol === 'https:' && to.protocol !== 'https:';
    if (downgrade || !['http:', 'https:'].includes(to.protocol))
      throw new HttpError(`the server redirects (${status}) from ${from.protocol} to ${to.protocol}`, false);
    return to;
  }
}

function toAnswer({ statusCode, headers, body }: Dispatcher.ResponseData): Answer {
  return {
    status: statusCode,
    headers: headers as Record<string, string | undefined>,
    body: explained(body),
    discard: () => void body.dump().catch(() => {}), // a short one is read, which keeps the connection
  };
}

async function* explained(body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw explainNetwork(error);
  }
}
