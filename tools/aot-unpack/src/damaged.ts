import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import { packageRef } from '@apt-ostree/manifest';
import type { BareRepo } from '@apt-ostree/ostree';
import { importPackage } from './import-package.ts';
import type { ImportedItem } from './import-queue.ts';

/** Thrown when the package cache lacks an object that it should have, or has a part of it. */
export class DamagedObject extends Error {
  override readonly name = 'DamagedObject';
  readonly object: string;

  constructor(object: string) {
    super(`'${object}' is missing or damaged`);
    this.object = object;
  }
}

/**
 * Imports those packages again that have lost objects, as after a power failure.
 * @throws AotError `data` where a .deb is not there any more
 */
export async function repair(cachedir: string, repo: BareRepo, packages: readonly ImportedItem[]): Promise<void> {
  const broken = packages.filter(({ record }) => record.entries.filter((e) => dropIfDamaged(repo, e)).length > 0);
  for (const { item, file } of broken) {
    if (!existsSync(join(cachedir, file)))
      throw lost(repo, item.name, join(repo.path, 'refs/heads', packageRef(item.sha256)));
    await importPackage(cachedir, repo, item, file);
  }
}

/** Removes an object of the wrong size, so that it is written again. @returns true when it is not there (any more) */
function dropIfDamaged(repo: BareRepo, entry: Entry): boolean {
  if (entry.type !== 'file') return false;
  const path = repo.objectPath(entry.object, 'file');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.size === entry.size) return false;
  rmSync(path, { force: true });
  return true;
}

const lost = (repo: BareRepo, name: string, ref: string): AotError =>
  new AotError('data', `cannot unpack '${name}': the package cache '${repo.path}' has lost parts of it`, {
    code: 'corrupt-cache',
    hint: `remove '${ref}' and run the pipeline again from aot-fetch`,
  });
