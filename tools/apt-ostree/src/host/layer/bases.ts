import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Sysroot } from '@apt-ostree/host';
import { openBareRepo } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';

const BASES = 'aot/base';

/**
 * Lets refs name the commits that layered deployments build on, so that libostree keeps them: what is layered is always put
 * together from the base.
 * @param more a base whose deployment is about to be made
 */
export async function keepBases(sysroot: Sysroot, more?: string): Promise<void> {
  const bases = sysroot.deployments.flatMap((d) => {
    const base = baseCommit(sysroot, d);
    return base === d.checksum ? [] : [base];
  });
  const wanted = [...new Set([...bases, ...(more === undefined ? [] : [more])])].sort();
  const directory = join(sysroot.repo, 'refs/heads', BASES);
  const there = list(directory);
  if (wanted.length === 0 && there.length === 0) return;
  const repo = await openBareRepo(sysroot.repo);
  for (const [i, commit] of wanted.entries()) repo.setRef(`${BASES}/${i}`, commit);
  for (const name of there) if (Number(name) >= wanted.length) rmSync(join(directory, name), { force: true });
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
