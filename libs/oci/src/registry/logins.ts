import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { outerUid } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { isFields } from '../validate.ts';

/** What proves to a registry who asks. It goes into requests and nowhere else: no message shows it. */
export type Login = { user: string; password: string } | { identityToken: string };

/** Nothing of it is checked. */
interface AuthFile {
  auths?: unknown;
  credHelpers?: unknown;
  credsStore?: unknown;
}

/** Docker's own registry has a name of its own in the files of logins. */
const ALSO: Record<string, string[]> = { 'docker.io': ['https://index.docker.io/v1/', 'index.docker.io'] };

/**
 * The files in which podman and docker keep logins, the first that has one counts: containers-auth.json(5).
 * @param named a file that the user named in place of all of them
 */
export function loginFiles(named: string | undefined, environment: NodeJS.ProcessEnv = process.env): string[] {
  const only = named ?? environment['REGISTRY_AUTH_FILE'];
  if (only) return [only];
  const runtime = environment['XDG_RUNTIME_DIR'];
  const configuration = environment['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return [
    runtime ? join(runtime, 'containers/auth.json') : `/run/containers/${outerUid()}/auth.json`,
    join(configuration, 'containers/auth.json'),
    join(environment['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'config.json'),
  ];
}

/**
 * The login for a repository: that of the most specific entry, `host/a/b` before `host/a` before `host`.
 * @throws AotError `config` for a file that is not JSON, `noInput` for a named one that is not there
 */
export async function findLogin(
  host: string,
  name: string,
  files: readonly string[],
  isNamed: boolean,
): Promise<Login | undefined> {
  for (const file of files) {
    const found = await loginIn(readAuthFile(file, isNamed), keysOf(host, name), file);
    if (found !== undefined) return found;
  }
  return undefined;
}

function keysOf(host: string, name: string): string[] {
  const parts = [host, ...name.split('/')];
  const paths = parts.map((_, end) => parts.slice(0, parts.length - end).join('/'));
  return [...paths, ...[`https://${host}`, `http://${host}`], ...(ALSO[host] ?? [])];
}

function readAuthFile(path: string, isNamed: boolean): AuthFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (!isNamed && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw explain(error, `cannot read logins from '${path}'`);
  }
  const file = parseJson(text);
  if (isFields(file)) return file;
  throw new AotError('config', `cannot read logins from '${path}': it is no JSON object`, { code: 'bad-authfile' });
}

async function loginIn(file: AuthFile, keys: readonly string[], path: string): Promise<Login | undefined> {
  for (const key of keys) {
    const helper = member(file.credHelpers, key);
    if (typeof helper === 'string') return askHelper(helper, key);
    const entry = member(file.auths, key);
    const [token, auth] = [member(entry, 'identitytoken'), member(entry, 'auth')];
    if (typeof token === 'string' && token !== '') return { identityToken: token };
    if (typeof auth === 'string' && auth !== '') return decode(auth, path);
  }
  const host = keys.find((k) => !k.includes('/')) as string;
  return typeof file.credsStore === 'string' ? askHelper(file.credsStore, ALSO[host]?.[0] ?? host) : undefined;
}

const member = (value: unknown, name: string): unknown =>
  isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decode(auth: string, path: string): Login {
  const [, user, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  if (user === undefined || password === undefined)
    throw new AotError('config', `cannot use a login of '${path}': it is not USER:PASSWORD in base64`, {
      code: 'bad-authfile',
    });
  return { user, password: password.replace(/\0+$/, '') };
}

/** Asks a program that keeps logins: it is told the host on its standard input, and answers in JSON. */
async function askHelper(helper: string, host: string): Promise<Login | undefined> {
  if (!/^[\w.-]+$/.test(helper))
    throw new AotError('config', `cannot ask '${helper}' for a login: it is no name of a program`, {
      code: 'bad-authfile',
    });
  const { exitCode, stdout } = await run(`docker-credential-${helper}`, ['get'], { input: host, ok: 'any' });
  if (exitCode !== 0) return undefined; // it says "credentials not found", as it has none
  const answer = parseJson(stdout);
  const [user, secret] = [member(answer, 'Username'), member(answer, 'Secret')];
  if (typeof user !== 'string' || typeof secret !== 'string')
    throw new AotError('failed', `cannot use the answer of 'docker-credential-${helper}': it holds no login`);
  return user === '<token>' ? { identityToken: secret } : { user, password: secret };
}
