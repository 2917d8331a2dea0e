import { realpathSync } from 'node:fs';
import { machine } from 'node:os';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { parseImageReference } from '@apt-ostree/oci';
import { debianArchitecture } from '@apt-ostree/treefile';
import type { LintArgs } from '../command.ts';
import { isImage } from '../is-image.ts';
import type { Subject } from '../lint.ts';
import { fromCommit } from './commit.ts';
import { fromDirectory } from './directory.ts';
import { fromImage } from './image.ts';

export interface OpenSubject {
  subject: Subject;
  /** Removes what was written to look at it. */
  close(): Promise<void>;
}

/** Opens what is named: with a repository a commit, by its form an image, else a directory. */
export async function openSubject(args: LintArgs, context: Context): Promise<OpenSubject> {
  const { subject: name, repo, container } = args;
  if (name === undefined) throw new AotError('usage', 'ROOTFS, IMAGE or REF is missing');
  const close = async () => {};
  const base = { name, running: false, container, image: undefined };
  if (repo !== undefined) {
    const commit = await fromCommit(repo, name);
    return { subject: { ...base, tree: commit.tree, container: container || commit.container }, close };
  }
  if (isImage(name)) {
    const native = debianArchitecture(machine()) ?? machine();
    const { tree, close, ...image } = await fromImage(parseImageReference(name), name, native, args, context);
    return { subject: { ...base, tree, image }, close };
  }
  return { subject: { ...base, tree: fromDirectory(name), running: isRoot(name) }, close };
}

const isRoot = (path: string): boolean => realpathSync(path) === '/';
