import { readFileSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';
import { cachePaths, parseManifest } from '@apt-ostree/manifest';
import { formatImageReference, type ImageReference, parseBaseImage } from '@apt-ostree/oci';
import { openBareRepo } from '@apt-ostree/ostree';
import { ownProgram } from '@apt-ostree/pipeline';
import type { Session } from './session.ts';
import { flag, type ResolveArgs } from './stage-arguments.ts';

/**
 * Brings the image that a tree starts from into the package cache; a lock says which one.
 * @returns the arguments that tell aot-resolve of it
 */
export async function takeBaseImage(session: Session, image: string, args: ResolveArgs): Promise<string[]> {
  const locked = lockedDigest(args.lockfile, image);
  const reference = await parseBaseImage(image);
  const { repo } = cachePaths(session.cachedir);
  await openBareRepo(repo);
  const options = [
    ...['--repo', repo, '--any-image'],
    ...flag('cache-only', args['cache-only']),
    ...flag('authfile', args.authfile),
  ];
  const command = [...ownProgram('aot-ociimport'), pinned(reference, locked), ...options];
  const text = await session.pipe([{ name: 'aot-ociimport', command, own: true }]);
  const imported = parseManifest(text, ['aot.commit/v1'], 'aot-ociimport');
  const digest = imported.image?.digest as string;
  if (locked !== undefined && digest !== locked) throw another(image, locked, digest);
  return ['--base', imported.commit, '--base-digest', digest, '--treefile-archives'];
}

/** What the last lock says that has the image. */
function lockedDigest(files: readonly string[], image: string): string | undefined {
  const bases = files.map((file) => parseManifest(read(file), ['aot.packages/v1'], `lock file '${file}'`).base?.image);
  return bases.findLast((base) => base?.reference === image)?.digest;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read lock file '${file}'`);
  }
}

/** Registries have images by digest; elsewhere there is only what is there. */
const pinned = (reference: ImageReference, digest: string | undefined): string =>
  formatImageReference(
    reference.transport === 'registry' && digest !== undefined ? { ...reference, digest } : reference,
  );

const another = (image: string, locked: string, found: string): AotError =>
  new AotError('failed', `cannot use the lock: '${image}' is now '${found}', not '${locked}'`, {
    code: 'stale-lock',
    hint: 'bring the image of the lock back, or resolve without --lockfile',
  });
