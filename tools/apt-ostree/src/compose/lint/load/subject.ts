import { realpathSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { LintArgs } from '../command.ts';
import type { Subject } from '../lint.ts';
import { fromCommit } from './commit.ts';
import { fromDirectory } from './directory.ts';

export interface OpenSubject {
  subject: Subject;
  /** Removes what was written to look at it. */
  close(): Promise<void>;
}

const IMAGE = /^(?:oci|oci-archive|docker-archive|registry|docker):/;

/** Opens what is named: with a repository a commit, by its form an image, else a directory. */
export async function openSubject(args: LintArgs, _context: Context): Promise<OpenSubject> {
  const { subject: name, repo, container } = args;
  if (name === undefined) throw new AotError('usage', 'ROOTFS, IMAGE or REF is missing');
  const close = async () => {};
  const base = { name, running: false, container, image: undefined };
  if (repo !== undefined) {
    const commit = await fromCommit(repo, name);
    return { subject: { ...base, tree: commit.tree, container: container || commit.container }, close };
  }
  if (IMAGE.test(name)) throw new AotError('usage', `cannot lint '${name}' yet`);
  return { subject: { ...base, tree: fromDirectory(name), running: isRoot(name) }, close };
}

const isRoot = (path: string): boolean => realpathSync(path) === '/';
