import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { HostImage, Sysroot } from '@apt-ostree/host';
import { type CommitManifest, parseManifest } from '@apt-ostree/manifest';
import { ownProgram, runPipeline } from '@apt-ostree/pipeline';
import { authfileOf } from './authfile.ts';

/** What a host takes of images: containers-policy.json(5). */
const POLICY = '/etc/containers/policy.json';

/** Runs aot-ociimport as a child: the image's commit is in the repository of the sysroot afterwards. Offline it must be there. */
export async function importWith(
  image: HostImage,
  { repo }: Sysroot,
  offline: boolean,
  context: Context,
): Promise<CommitManifest> {
  if (offline && image.verification.kind !== 'none') throw cannotVerifyOffline(image);
  const authfile = authfileOf();
  const args = [
    image.image,
    `--repo=${repo}`,
    ...(offline ? ['--cache-only'] : []),
    ...(authfile === undefined ? [] : [`--authfile=${authfile}`]),
    ...verificationWords(image),
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

function verificationWords({ verification }: HostImage): string[] {
  switch (verification.kind) {
    case 'none':
      return [];
    case 'remote':
      return [`--verify-remote=${verification.remote}`];
    case 'policy':
      return [`--verify-policy=${POLICY}`];
  }
}

const cannotVerifyOffline = ({ reference }: HostImage): AotError =>
  new AotError('failed', `cannot verify '${reference}' without the network: what is checked comes from the registry`, {
    code: 'nothing-cached',
    hint: 'run the command without --cache-only',
  });
