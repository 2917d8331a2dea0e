import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Sysroot } from '@apt-ostree/host';
import { openBareRepo, readCommit } from '@apt-ostree/ostree';
import { namesIn } from '@apt-ostree/run';
import { baseOf } from '../change/base-commit.ts';
import { chain } from '../change/initramfs/derive.ts';

const BASES = 'aot/base';

/**
 * Lets refs name the commits that deployments build on, so that libostree keeps them: what is layered is always put together
 * from the base, and an initramfs is changed from the one before.
 * @param more those below a deployment that is about to be made
 */
export async function keepBases(sysroot: Sysroot, ...more: string[]): Promise<void> {
  const bases = sysroot.deployments.flatMap((d) => below(sysroot.repo, d.checksum));
  const wanted = [...new Set([...bases, ...more])].sort();
  const directory = join(sysroot.repo, 'refs/heads', BASES);
  const there = namesIn(directory);
  if (wanted.length === 0 && there.length === 0) return;
  const repo = await openBareRepo(sysroot.repo);
  for (const [i, commit] of wanted.entries()) repo.setRef(`${BASES}/${i}`, commit);
  for (const name of there) if (Number(name) >= wanted.length) rmSync(join(directory, name), { force: true });
}

/** What a commit of this host was made from. */
export function below(repo: string, commit: string): string[] {
  const [, ...before] = chain(repo, commit);
  const base = baseOf(readCommit(repo, commit), (sum) => readCommit(repo, sum)).checksum;
  return base === commit ? before : [...before, base];
}
