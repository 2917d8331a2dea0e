import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedStanzas } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import { cachePaths } from '@apt-ostree/manifest';
import { openBareRepo, openTree, readCommit, resolveRevision } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';
import type { ExtensionsArgs } from './command.ts';

/** What extensions are for: the database of its packages, as a commit of its own in the package cache. */
export interface Base {
  commit: string;
  /** The version of an installed package. */
  version(name: string): string | undefined;
}

const ADMINDIRS = ['usr/lib/sysimage/dpkg', 'var/lib/dpkg'];
const FILES = ['status', 'arch'];

/** Finds the base that was named, and puts its database where aot-resolve finds it. */
export async function openBase(args: ExtensionsArgs, ref: unknown, cachedir: string, scratch: string): Promise<Base> {
  const read = args.rootfs === undefined ? ofCommit(args, ref) : ofRootfs(args.rootfs);
  const admindir = ADMINDIRS.find((path) => read(`${path}/status`) !== undefined);
  if (admindir === undefined)
    throw new AotError(
      'data',
      `cannot extend '${args.rootfs ?? args['base-rev'] ?? ref}': it has no database of dpkg`,
      {
        code: 'no-database',
      },
    );
  const directory = join(scratch, 'database', ADMINDIRS[0] as string);
  mkdirSync(directory, { recursive: true });
  for (const name of FILES) writeFileSync(join(directory, name), read(`${admindir}/${name}`) ?? '');
  return {
    commit: await commit(join(scratch, 'database'), cachedir),
    version: versions(readFileSync(join(directory, 'status'), 'utf8')),
  };
}

type Read = (path: string) => Uint8Array | undefined;

function ofCommit(args: ExtensionsArgs, ref: unknown): Read {
  if (args.repo === undefined)
    throw new AotError('usage', 'option --repo must be specified', { hint: 'or name a tree with --rootfs' });
  const revision = args['base-rev'] ?? ref;
  if (typeof revision !== 'string')
    throw new AotError('usage', "no base: the treefile has no 'ref'", { hint: 'name a commit with --base-rev' });
  const checksum = resolveRevision(args.repo, revision);
  readCommit(args.repo, checksum);
  return openTree(args.repo, checksum).read;
}

function ofRootfs(root: string): Read {
  if (!existsSync(root)) throw new AotError('noInput', `cannot read '${root}': no such file or directory`);
  return (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path)) : undefined);
}

/** Without a ref and always of the same time, so that the same database is the same commit. */
async function commit(directory: string, cachedir: string): Promise<string> {
  const { repo } = cachePaths(cachedir);
  await openBareRepo(repo);
  const owner = ['--owner-uid=0', '--owner-gid=0', '--no-xattrs', '--timestamp=@0'];
  const args = ['commit', `--repo=${repo}`, '--orphan', ...owner, `--tree=dir=${directory}`];
  return (await run('ostree', args, { what: `cannot write to '${repo}'` })).stdout.trim();
}

function versions(status: string): (name: string) => string | undefined {
  const known = new Map<string, string>();
  for (const stanza of installedStanzas(status)) known.set(stanza.get('Package') ?? '', stanza.get('Version') ?? '');
  return (name) => known.get(name);
}
