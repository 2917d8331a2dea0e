import { AotError, isAotError } from '@apt-ostree/errors';
import { HttpError, retryAfter, retrying } from '@apt-ostree/http';
import type { ImageReference } from '../reference.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import { type Answer, type Ask, Connection, type ConnectionOptions, discard, readAll } from './connection.ts';
import { findLogin, type Login, loginFiles } from './logins.ts';
import { isLoopback } from './loopback.ts';
import { basic, bearer, LoginRefused } from './tokens.ts';

export interface ClientOptions extends ConnectionOptions {
  authfile?: string | undefined;
  retryTimes?: number | undefined;
}

type InRegistry = Extract<ImageReference, { transport: 'registry' }>;

const TRIES = 5;
/** A server that is overloaded, or was for a moment. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** A repository of a registry, asked with the login that there is for it (OCI distribution specification 1.1). */
export class RegistryClient {
  readonly reference: InRegistry;
  readonly retries: number;
  readonly signal: AbortSignal;
  /** What the user is told failed: `cannot read 'registry:…'`. */
  readonly #what: string;
  readonly #actions: 'pull' | 'pull,push';
  readonly #options: ClientOptions;
  readonly #connection: Connection;
  #base: Promise<URL> | undefined;
  #login: Promise<Login | undefined> | undefined;
  #authorization: string | undefined;
  #authorizing: Promise<void> | undefined;
  /** Repositories that are read besides: blobs are taken over from them. */
  readonly #alsoFrom: string[] = [];

  constructor(reference: InRegistry, actions: 'pull' | 'pull,push', what: string, options: ClientOptions) {
    this.reference = reference;
    this.retries = options.retryTimes ?? TRIES;
    this.signal = options.signal;
    this.#what = what;
    this.#actions = actions;
    this.#options = options;
    this.#connection = new Connection(reference.host, options);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Lets tokens be asked for that may also read that repository. */
  alsoFrom(name: string): void {
    if (this.#alsoFrom.includes(name)) return;
    this.#alsoFrom.push(name);
    this.#authorization = undefined;
  }

  /**
   * Asks until there is an answer, of whatever status but those that pass: `path` below the repository, or a URL that the
   * registry gave.
   * @param ask is made anew for every try
   * @throws AotError `unavailable`, or `denied` for want of a right login
   */
  async ask(path: string | URL, ask: () => Ask): Promise<Answer> {
    return this.explaining(() => retrying(this, () => this.once(path, ask)));
  }

  /** As `ask`, with the whole body of an answer of status 200, which has at most so many bytes. */
  async read(path: string, headers: Record<string, string>, most: number): Promise<[Answer, Buffer | undefined]> {
    return this.explaining(() =>
      retrying(this, async () => {
        const answer = await this.once(path, () => ({ method: 'GET', headers }));
        return [answer, answer.status === 200 ? await readAll(answer, most) : undefined];
      }),
    );
  }

  /** As `ask`, with one try. @throws HttpError */
  async once(path: string | URL, ask: () => Ask): Promise<Answer> {
    const base = await this.#where();
    const url = path instanceof URL ? path : new URL(`v2/${this.reference.name}/${path}`, base);
    let used = this.#authorization;
    let answer = await this.#with(url, base, ask());
    for (let round = 0; answer.status === 401 && url.origin === base.origin && round < 2; round++) {
      discard(answer);
      await this.#authorizeAgain(used, parseChallenge(answer.headers['www-authenticate']), base);
      used = this.#authorization;
      answer = await this.#with(url, base, ask());
    }
    if (answer.status === 401 || answer.status === 403) {
      discard(answer);
      throw new LoginRefused(answer.status);
    }
    if (!isPassing(answer.status)) return answer;
    discard(answer);
    const again = retryAfter(answer.headers['retry-after']);
    throw new HttpError(`the registry answered ${answer.status}`, true, again);
  }

  /** Turns what went wrong into an error for the user. */
  async explaining<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.explained(error);
    }
  }

  /** The error for the user, of one that came while asking. */
  async explained(error: unknown): Promise<unknown> {
    this.signal.throwIfAborted();
    if (isAotError(error)) return error;
    if (error instanceof LoginRefused)
      return new AotError('failed', `${this.#what}: access denied (${error.status})`, {
        code: 'denied',
        hint: await this.#aboutLogin(),
      });
    if (error instanceof HttpError) return new AotError('unavailable', `${this.#what}: ${error.message}`);
    return error;
  }

  /** The error for an answer that was not expected. */
  unexpected(answer: Answer): AotError {
    discard(answer);
    if (answer.status === 404 && this.#actions === 'pull,push')
      return new AotError('failed', `${this.#what}: the registry has no such repository (404)`, {
        code: 'no-repository',
        hint: 'some registries want it to be made there first',
      });
    if (answer.status === 404)
      return new AotError('noInput', `${this.#what}: there is no such image`, { code: 'no-image' });
    return new AotError('unavailable', `${this.#what}: the registry answered ${answer.status}`);
  }

  async #aboutLogin(): Promise<string> {
    const files = this.#files().map((f) => `'${f}'`);
    const { host } = this.reference;
    if ((await this.#findLogin()) !== undefined)
      return `the login for '${host}' in ${files.join(', ')} is wrong, or may not do this`;
    return `there is no login for '${host}' in ${files.join(', ')}: 'podman login' writes one`;
  }

  #with(url: URL, base: URL, ask: Ask): Promise<Answer> {
    const own = url.origin === base.origin && this.#authorization !== undefined;
    const headers = { ...ask.headers, ...(own ? { authorization: this.#authorization as string } : {}) };
    return this.#connection.ask(url, { ...ask, headers });
  }

  /** Once for all requests that were refused with the same authorization, since many are under way at a time. */
  async #authorizeAgain(refused: string | undefined, challenge: Challenge | undefined, base: URL): Promise<void> {
    if (this.#authorization !== refused) return;
    this.#authorizing ??= this.#authorize(challenge, base).finally(() => {
      this.#authorizing = undefined;
    });
    await this.#authorizing;
  }

  async #authorize(challenge: Challenge | undefined, base: URL): Promise<void> {
    const login = await this.#findLogin();
    if (challenge?.scheme === 'bearer') {
      this.#authorization = await bearer(this.#connection, challenge, this.#scopes(), login, base);
      return;
    }
    const header = basic(login)['authorization'];
    if (challenge?.scheme !== 'basic' || header === undefined) throw new LoginRefused(401);
    if (header === this.#authorization) throw new LoginRefused(401);
    this.#authorization = header;
  }

  #scopes(): string[] {
    const others = this.#alsoFrom.map((name) => `repository:${name}:pull`);
    return [`repository:${this.reference.name}:${this.#actions}`, ...others];
  }

  #files(): string[] {
    return loginFiles(this.#options.authfile);
  }

  #findLogin(): Promise<Login | undefined> {
    const { host, name } = this.reference;
    const isNamed = Boolean(this.#options.authfile ?? process.env['REGISTRY_AUTH_FILE']);
    this.#login ??= findLogin(host, name, this.#files(), isNamed);
    return this.#login;
  }

  #where(): Promise<URL> {
    this.#base ??= this.#findProtocol();
    this.#base.catch(() => {
      this.#base = undefined;
    });
    return this.#base;
  }

  /** https; http where the server speaks that and it may be: on this machine, or where the user does without TLS. */
  async #findProtocol(): Promise<URL> {
    const { host } = this.reference;
    const secure = new URL(`https://${host}/`);
    if (!isLoopback(host) && this.#options.tlsVerify !== false) return secure;
    try {
      discard(await this.#connection.ask(new URL('v2/', secure), { method: 'GET' }));
      return secure;
    } catch (error) {
      const isOfTls = error instanceof HttpError && error.message.includes('certificate');
      if (isOfTls) throw error;
      return new URL(`http://${host}/`);
    }
  }
}
