import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { HostImage, Sysroot } from '@apt-ostree/host';
import { type CommitManifest, parseManifest } from '@apt-ostree/manifest';
import { ownProgram, runPipeline } from '@apt-ostree/pipeline';
import { authfileOf } from './authfile.ts';

/** Runs aot-ociimport as a child: the image's commit is in the repository of the sysroot afterwards. Offline it must be there. */
export async function importWith(
  image: HostImage,
  { repo }: Sysroot,
  offline: boolean,
  context: Context,
): Promise<CommitManifest> {
  requireVerifiable(image);
  const authfile = authfileOf();
  const args = [
    image.image,
    `--repo=${repo}`,
    ...(offline ? ['--cache-only'] : []),
    ...(authfile === undefined ? [] : [`--authfile=${authfile}`]),
    ...(image.verification.kind === 'remote' ? [`--verify-remote=${image.verification.remote}`] : []),
  ];
  const stage = { name: 'aot-ociimport', command: [...ownProgram('aot-ociimport'), ...args], own: true };
  const text = await runPipeline([stage], {
    quiet: context.quiet,
    signal: context.signal,
    progress: (event) => context.progress.forward(event),
    line: (line) => context.note(line),
  });
  return parseManifest(text, ['aot.commit/v1'], 'aot-ociimport');
}

/** An image whose signature nobody here can check is refused, never taken as it is. */
export function requireVerifiable({ reference, verification }: HostImage): void {
  if (verification.kind !== 'policy') return;
  throw new AotError('failed', `cannot verify '${reference}': signatures of images are not checked in this version`, {
    code: 'not-in-this-version',
    hint: "an image that carries a signed commit is verified with 'ostree-remote-registry:REMOTE:HOST/NAME:TAG'",
  });
}
