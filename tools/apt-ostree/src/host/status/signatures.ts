import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Sysroot } from '@apt-ostree/host';
import { readGvariant } from '@apt-ostree/ostree';
import { replaceFile, run } from '@apt-ostree/run';
import type { Remote } from './remotes.ts';
import type { Signature } from './signature.ts';

/** Results that were found since the last boot. A key that is added or revoked changes the name, by the keyrings' digest. */
const CACHE = '/run/apt-ostree/gpgcheck-cache';

/** libostree trusts these for every remote. */
const GLOBAL_KEYRINGS = '/usr/share/ostree/trusted.gpg.d';

/** Verifies the signatures of a commit with the keys of its remote: by gpgv(1), once since the last boot. */
export async function signaturesOf(sysroot: Sysroot, remote: Remote, commit: string): Promise<Signature[]> {
  const signatures = detachedSignatures(sysroot.repo, commit);
  if (signatures.length === 0) return [];
  const keyrings = keyringsOf(remote);
  const file = join(CACHE, remote.name, commit);
  const key = digest([...signatures, ...keyrings.map((k) => readFileSync(k))]);
  const known = cached(file, key);
  if (known !== undefined) return known;
  const found = await verify(sysroot.repo, commit, signatures, keyrings);
  store(file, key, found);
  return found;
}

/** The commit's detached metadata, `a{sv}`, holds them as `ostree.gpgsigs`. */
function detachedSignatures(repo: string, commit: string): Uint8Array[] {
  const file = objectFile(repo, commit, 'commitmeta');
  if (!existsSync(file)) return [];
  const metadata = readGvariant('a{sv}', readFileSync(file)) as Record<string, unknown>;
  return (metadata['ostree.gpgsigs'] ?? []) as Uint8Array[];
}

const objectFile = (repo: string, commit: string, type: string): string =>
  join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.${type}`);

function keyringsOf(remote: Remote): string[] {
  const global = existsSync(GLOBAL_KEYRINGS)
    ? readdirSync(GLOBAL_KEYRINGS)
        .filter((n) => n.endsWith('.gpg'))
        .map((n) => join(GLOBAL_KEYRINGS, n))
    : [];
  return [...remote.keyrings, ...global].filter((path) => existsSync(path));
}

function digest(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}

function cached(file: string, key: string): Signature[] | undefined {
  try {
    const entry = JSON.parse(readFileSync(file, 'utf8')) as { key: string; signatures: Signature[] };
    return entry.key === key ? entry.signatures : undefined;
  } catch {
    return undefined; // not there, or of another version
  }
}

/** Without the privilege to write there, the next call verifies again. */
function store(file: string, key: string, signatures: Signature[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    replaceFile(file, JSON.stringify({ key, signatures }));
  } catch {}
}

async function verify(
  repo: string,
  commit: string,
  signatures: readonly Uint8Array[],
  keyrings: readonly string[],
): Promise<Signature[]> {
  const rings = keyrings.length > 0 ? keyrings : ['/dev/null']; // without any it would take the user's
  const { stdout } = await run(
    'gpgv',
    ['--status-fd', '1', ...rings.flatMap((k) => ['--keyring', k]), '-', objectFile(repo, commit, 'commit')],
    { ok: 'any', input: Buffer.concat(signatures) },
  );
  return readStatus(stdout);
}

const PUBLIC_KEY: Record<string, string> = { 1: 'RSA', 17: 'DSA', 19: 'ECDSA', 22: 'EdDSA' };
const HASH: Record<string, string> = { 2: 'SHA1', 8: 'SHA256', 9: 'SHA384', 10: 'SHA512', 11: 'SHA224' };

/** Status lines of gpgv as GnuPG's doc/DETAILS has them; NEWSIG begins each signature. */
export function readStatus(text: string): Signature[] {
  const lines = text
    .split('\n')
    .filter((l) => l.startsWith('[GNUPG:] '))
    .map((l) => l.slice(9));
  const groups: string[][] = [];
  for (const line of lines) {
    if (line.startsWith('NEWSIG')) groups.push([]);
    else groups.at(-1)?.push(line);
  }
  return groups.map(signature);
}

function signature(lines: readonly string[]): Signature {
  const find = (...words: string[]) => lines.map((l) => l.split(' ')).find(([word]) => words.includes(word ?? ''));
  const valid = find('VALIDSIG');
  const error = find('ERRSIG');
  const named = find('GOODSIG', 'EXPSIG', 'EXPKEYSIG', 'REVKEYSIG', 'BADSIG');
  const [, name = '', mail = ''] = /^(.*?)(?: <(.*)>)?$/.exec(named?.slice(2).join(' ') ?? '') ?? [];
  return [
    find('GOODSIG') !== undefined && valid !== undefined,
    find('EXPSIG') !== undefined,
    find('EXPKEYSIG') !== undefined,
    find('REVKEYSIG') !== undefined,
    find('NO_PUBKEY') !== undefined,
    valid?.[1] ?? error?.[7] ?? named?.[1] ?? error?.[1] ?? '',
    Number(valid?.[3] ?? error?.[5] ?? 0),
    Number(valid?.[4] ?? 0),
    PUBLIC_KEY[valid?.[7] ?? error?.[2] ?? ''] ?? '',
    HASH[valid?.[8] ?? error?.[3] ?? ''] ?? '',
    name,
    mail,
    valid?.[10] ?? '',
  ];
}
