import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import { type AptConfiguration, type Credentials, proxyFor, tlsFor, wantsDetection } from '../transport/index.ts';

/** How a request reaches its server. */
export interface Route {
  dispatcher: Dispatcher;
  origin: string;
  path: string;
  headers: Record<string, string>;
}

/** apt's default, in seconds. */
const TIMEOUT = 30;

/** Open connections, by server and proxy; they are kept alive between requests. */
export class Connections {
  readonly #configuration: AptConfiguration;
  readonly #credentials: Credentials;
  readonly #jobs: number;
  readonly #warn: (text: string) => void;
  readonly #dispatchers = new Map<string, Dispatcher>();
  readonly #proxies = new Map<string, URL | undefined>();

  constructor(configuration: AptConfiguration, credentials: Credentials, jobs: number, warn: (text: string) => void) {
    this.#configuration = configuration;
    this.#credentials = credentials;
    this.#jobs = jobs;
    this.#warn = warn;
  }

  /**
   * The way to a URL. http goes through a proxy as a request with the whole URL, which is what caches for packages
   * understand; https goes through a tunnel.
   */
  to(url: URL): Route {
    const proxy = this.#proxyOf(url);
    const whole = proxy !== undefined && url.protocol === 'http:';
    const origin = whole ? proxy.origin : url.origin;
    const key = whole || !proxy ? origin : `${proxy.href} ${origin}`;
    const dispatcher = this.#dispatchers.get(key) ?? this.#open(whole ? proxy : url, whole ? undefined : proxy);
    this.#dispatchers.set(key, dispatcher);
    const path = `${url.pathname}${url.search}`;
    return { dispatcher, origin, path: whole ? url.origin + path : path, headers: this.#headers(url, whole, proxy) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((d) => d.destroy()));
  }

  #proxyOf(url: URL): URL | undefined {
    if (!this.#proxies.has(url.origin)) {
      if (wantsDetection(url, this.#configuration))
        this.#warn(`the proxy of '${url.host}' is not detected by a program: set Acquire::http::Proxy`);
      this.#proxies.set(url.origin, proxyFor(url, this.#configuration, process.env));
    }
    return this.#proxies.get(url.origin);
  }

  #headers(url: URL, whole: boolean, proxy: URL | undefined): Record<string, string> {
    const login = whole && proxy ? this.#credentials.basic(proxy) : undefined;
    return {
      'user-agent': this.#configuration.acquire(url.protocol.slice(0, -1), 'User-Agent') ?? 'apt-ostree',
      ...(whole ? { host: url.host } : {}),
      ...(login ? { 'proxy-authorization': login } : {}),
    };
  }

  #open(server: URL, tunnel: URL | undefined): Dispatcher {
    const options = { connections: this.#jobs, ...this.#timeouts(server) };
    const connect = this.#connect(server);
    if (tunnel === undefined) return new Pool(server.origin, { ...options, connect });
    const token = this.#credentials.basic(tunnel);
    return new ProxyAgent({
      uri: tunnel.origin,
      ...options,
      requestTls: connect,
      proxyTls: this.#connect(tunnel),
      ...(token ? { token } : {}),
    });
  }

  #timeouts(server: URL) {
    const milliseconds = this.#timeout(server);
    return { headersTimeout: milliseconds, bodyTimeout: milliseconds };
  }

  #timeout(server: URL): number {
    const value = this.#configuration.acquire(server.protocol.slice(0, -1), 'Timeout');
    return this.#configuration.number(value, TIMEOUT) * 1000;
  }

  #connect(server: URL) {
    const force = (version: 4 | 6) =>
      this.#configuration.truth(this.#configuration.get(`Acquire::ForceIPv${version}`), false);
    const family = force(4) ? 4 : force(6) ? 6 : undefined;
    return {
      timeout: this.#timeout(server),
      ...(family ? { family, autoSelectFamily: false } : {}),
      ...(server.protocol === 'https:' ? tlsFor(server.hostname, this.#configuration) : {}),
    };
  }
}
