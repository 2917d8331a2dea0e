import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { readText } from '@apt-ostree/run';
import type { DiskArgs } from './command.ts';
import { readSettings, type Settings } from './settings.ts';

/** Whom the machine lets in, and with what. */
export interface Account {
  name: string;
  /** As crypt(5) has it. */
  hash: string | undefined;
  /** Lines of authorized_keys. */
  keys: string[];
}

/** What is to be made, once every option has been looked at. */
export interface DiskRequest {
  repo: string;
  rev: string;
  /** Absolute. */
  output: string;
  format: 'raw' | 'qcow2';
  /** Bytes. */
  size: number | undefined;
  stateroot: string | undefined;
  refspec: string | undefined;
  kargs: string[];
  hostname: string | undefined;
  account: Account | undefined;
  separateBoot: boolean;
}

/** Looks at every option before anything is done. */
export async function readRequest(args: DiskArgs): Promise<DiskRequest> {
  if (args.repo === undefined) throw new AotError('usage', 'option --repo must be specified');
  if (args.output === undefined) throw new AotError('usage', 'option --output must be specified');
  const said = await readSettings(args);
  const { settings } = said;
  return {
    repo: args.repo,
    rev: said.rev,
    output: place(args.output),
    format: args.format as DiskRequest['format'],
    size: settings.size === undefined ? undefined : parseSize(settings.size, said.nameOf('size')),
    stateroot: matching(said, 'stateroot', STATEROOT, 'letters, digits, dots, dashes and underscores'),
    refspec: matching(said, 'refspec', REFSPEC, 'REF or REMOTE:REF'),
    kargs: (settings.kargs ?? []).map((text) => kernelArgument(text, said.nameOf('kargs'))),
    hostname: matching(said, 'hostname', HOSTNAME, 'labels of letters, digits and dashes, see hostname(7)'),
    account: account(said),
    separateBoot: settings['separate-boot'] ?? false,
  };
}

const STATEROOT = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const REFSPEC = /^(?:[\w.-]+:)?[\w.-]+(?:\/[\w.-]+)*$/;
const HOSTNAME =
  /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
/** What Debian's adduser takes. */
const USER = /^[a-z_][a-z0-9_-]{0,31}$/;

type Word = 'stateroot' | 'refspec' | 'hostname' | 'user';

function matching({ settings, nameOf }: Settings, name: Word, pattern: RegExp, hint: string): string | undefined {
  const value = settings[name];
  if (value === undefined || pattern.test(value)) return value;
  throw new AotError('usage', `cannot use '${value}' for ${nameOf(name)}`, { hint: `it takes ${hint}` });
}

/** The image is renamed into its place, so the directory must be there and the name must not be taken by something else. */
function place(output: string): string {
  const what = `cannot write '${output}'`;
  try {
    if (!statSync(dirname(resolve(output))).isDirectory())
      throw new AotError('cannotCreate', `${what}: '${dirname(output)}' is not a directory`);
    const there = statSync(output, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile())
      throw new AotError('cannotCreate', `${what}: it is there and not a file`, {
        hint: 'write the image to a file, and copy that to a device',
      });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explain(error, what);
    throw new AotError('cannotCreate', `${what}: there is no directory '${dirname(output)}'`);
  }
  return join(resolve(dirname(output)), basename(output));
}

const UNITS: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** @returns bytes, of `4G` and the like, in whole MiB */
export function parseSize(text: string, name: string): number {
  const match = /^(\d+)([KMGT]?)(?:iB)?$/.exec(text);
  const bytes = match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] as string] as number);
  if (!Number.isSafeInteger(bytes) || bytes <= 0)
    throw new AotError('usage', `cannot use '${text}' for ${name}`, {
      hint: "it takes bytes, or a number with K, M, G or T, as in '8G'",
    });
  return Math.floor(bytes / 2 ** 20) * 2 ** 20;
}

/** What the disk itself decides is not for options. */
function kernelArgument(text: string, name: string): string {
  const refuse = (hint: string) => new AotError('usage', `cannot use '${text}' for ${name}`, { hint });
  if (!/^[^\s"'=]+(=("[^"\n]*"|[^\s"']*))?$/.test(text)) throw refuse('one argument each time: KEY or KEY=VALUE');
  if (/^(root|ostree)=/.test(text)) throw refuse('the image has one of its own');
  return text;
}

function account(said: Settings): Account | undefined {
  const { 'password-hash-file': hash, 'ssh-key': keys } = said.settings;
  const name = matching(said, 'user', USER, 'a lower-case letter, then letters, digits, dashes and underscores');
  if (hash === undefined && keys === undefined) {
    if (name === undefined) return undefined;
    throw new AotError('usage', `cannot make account '${name}': nobody could log in with it`, {
      hint: 'add --ssh-key or --password-hash-file',
    });
  }
  return {
    name: name ?? 'root',
    hash: hash === undefined ? undefined : passwordHash(hash),
    keys: keys === undefined ? [] : publicKeys(keys),
  };
}

/** The modular formats of crypt(5): a tag, then what it needs, of characters that cannot end a field of shadow(5). */
const HASH = /^\$[a-z0-9]+\$[^\s:!*]+$/;

function passwordHash(file: string): string {
  const text = readText(file).replace(/\n$/, '');
  if (HASH.test(text)) return text;
  throw new AotError('data', `cannot use '${file}': it does not hold one hash as crypt(5) has it`, {
    hint: `make it with 'openssl passwd -6 > FILE'`,
  });
}

const KEY =
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,2}( .*)?$/;

function publicKeys(file: string): string[] {
  const lines = readText(file)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const wrong = lines.findIndex((line) => !KEY.test(line));
  if (lines.length > 0 && wrong < 0) return lines;
  const which = lines.some((line) => line.includes('PRIVATE KEY')) ? 'a private key' : 'no public key of OpenSSH';
  throw new AotError('data', `cannot use '${file}': it holds ${which}`, {
    hint: "the public key's file ends in '.pub'",
  });
}
