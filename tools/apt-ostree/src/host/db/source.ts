import { AotError } from '@apt-ostree/errors';
import { readSysroot, requireHost, type Sysroot } from '@apt-ostree/host';
import { type CommitInfo, type CommittedPackage, readCommit } from '@apt-ostree/ostree';
import { resolve } from './revision.ts';

/** Where revisions are looked up: a sysroot's repository with its deployments, or a repository alone. */
export interface Source {
  repo: string;
  sysroot: Sysroot | undefined;
}

export async function openSource(args: { repo?: string | undefined; sysroot?: string }): Promise<Source> {
  if (args.repo !== undefined) return { repo: args.repo, sysroot: undefined };
  requireHost(args.sysroot, { root: false });
  const sysroot = await readSysroot(args.sysroot);
  return { repo: sysroot.repo, sysroot };
}

/** A commit, and the words by which it was named. */
export interface Named {
  name: string;
  commit: CommitInfo;
  packages: CommittedPackage[];
}

/** @throws AotError `noInput` that names the revision, `data` where the commit lists no packages */
export function named(source: Source, revision: string): Named {
  return withPackages(revision, readCommit(source.repo, resolve(source, revision)));
}

export function withPackages(name: string, commit: CommitInfo): Named {
  const { packages } = commit;
  if (packages !== undefined) return { name, commit, packages };
  throw new AotError('data', `cannot list the packages of '${name}': its commit has no list of packages`, {
    code: 'no-packages',
    hint: "commits of 'apt-ostree compose' have one",
  });
}

/** `NAME (CHECKSUM)`, or the checksum where that was the name. */
export const label = ({ name, commit: { checksum } }: Named): string =>
  name === checksum ? checksum : `${name} (${checksum})`;
