import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';
import type { AptConfiguration } from './configuration.ts';

interface Entry {
  machine: string;
  login: string;
  password: string;
}

export interface Login {
  user: string;
  password: string;
}

/**
 * The logins of auth.conf and auth.conf.d (apt_auth.conf(5)). They go into requests and nowhere else: no message shows
 * them.
 */
export class Credentials {
  readonly #entries: Entry[];

  constructor(...texts: string[]) {
    this.#entries = texts.flatMap(parse);
  }

  /**
   * The login for a URL: its own, or that of the first entry that matches it. An entry without a protocol is for https
   * alone, so that no password travels in the clear unless somebody wrote `http://`.
   */
  for(url: URL): Login | undefined {
    if (url.username || url.password)
      return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
    const entry = this.#entries.find((e) => matches(e.machine, url));
    return entry && { user: entry.login, password: entry.password };
  }

  /** The header value of HTTP basic authentication (RFC 7617) for a URL. */
  basic(url: URL): string | undefined {
    const login = this.for(url);
    return login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  }
}

/** Reads the files that apt would read, in apt's order. */
export function readCredentials(configuration: AptConfiguration): Credentials {
  const single = configuration.path('Dir::Etc::netrc');
  const parts = configuration.path('Dir::Etc::netrcparts');
  return new Credentials(...[...(single ? [single] : []), ...(parts ? list(parts) : [])].map(read));
}

/** Tokens in any layout; unknown ones are passed over. Lines of comment are no tokens. */
function parse(text: string): Entry[] {
  const entries: Entry[] = [];
  const tokens = text.replace(/^\s*#.*$/gm, '').match(/\S+/g) ?? [];
  for (let at = 0; at < tokens.length; at++) {
    const entry = entries.at(-1);
    if (tokens[at] === 'machine') entries.push({ machine: tokens[++at] ?? '', login: '', password: '' });
    else if (tokens[at] === 'login' && entry) entry.login = tokens[++at] ?? '';
    else if (tokens[at] === 'password' && entry) entry.password = tokens[++at] ?? '';
  }
  return entries;
}

function matches(machine: string, url: URL): boolean {
  const [, protocol, rest = ''] = /^(?:([a-z0-9+.-]+):\/\/)?(.*)$/i.exec(machine) ?? [];
  if ((protocol ?? 'https') !== url.protocol.slice(0, -1)) return false;
  const slash = rest.indexOf('/');
  const host = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash);
  return (host === url.host || host === url.hostname) && url.pathname.startsWith(path);
}

/** Those of a directory that end in .conf or have no ending, as apt reads its .d directories. */
function list(directory: string): string[] {
  const names = readable(directory, () => readdirSync(directory)) ?? [];
  const wanted = names.filter((name) => /^[\w-]+(?:[\w.-]*\.conf)?$/.test(name));
  return wanted.sort().map((name) => join(directory, name));
}

const read = (file: string): string => readable(file, () => readFileSync(file, 'utf8')) ?? '';

/** These files are often root's alone: what a user may not read does not count, and an archive that needs it says 401. */
function readable<T>(path: string, reader: () => T): T | undefined {
  try {
    return reader();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw explain(error, `cannot read '${path}'`);
  }
}
