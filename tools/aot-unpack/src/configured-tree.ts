import { rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { isAotError } from '@apt-ostree/errors';
import { type ArchivesManifest, cachePaths, configureKey, type ScriptRun } from '@apt-ostree/manifest';
import { checkoutConfigured, hasConfigured } from '@apt-ostree/ostree';

/**
 * Takes the configured tree of these packages from the cache, where it is and can be linked.
 * @param path where to; not there yet
 * @returns the record of the scripts that made it, or undefined: then there is nothing at `path`
 */
export async function configuredTree(
  manifest: ArchivesManifest,
  cachedir: string,
  path: string,
  context: Context,
): Promise<ScriptRun[] | undefined> {
  const key = configureKey(manifest);
  if (!hasConfigured(cachedir, key) || !sameFileSystem(cachePaths(cachedir).repo, dirname(path))) return undefined;
  try {
    return await checkoutConfigured(cachedir, key, path);
  } catch (error) {
    if (!isAotError(error) && !(error instanceof SyntaxError)) throw error;
    context.warn(`the cached tree cannot be used, it is made again: ${error.message}`);
    rmSync(path, { recursive: true, force: true });
    return undefined;
  }
}

const sameFileSystem = (a: string, b: string): boolean => statSync(a).dev === statSync(b).dev;
