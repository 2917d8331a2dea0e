import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type CommitManifest, outerUid } from '@apt-ostree/manifest';
import {
  acceptedDigest,
  formatImageReference,
  type Image,
  type ImageReference,
  type ImageSource,
  keptSource,
  nameImage,
  openSource,
  type Platform,
  parseImageReference,
  platformOf,
  type RegistryArgs,
  readImage,
  type TransportOptions,
  transportOptions,
} from '@apt-ostree/oci';
import { ensureRepository } from '@apt-ostree/ostree';
import { architectureOf } from './architecture.ts';
import { describe } from './describe.ts';
import { importEncapsulated } from './encapsulated.ts';
import { finalDiffId, isBootable } from './labels.ts';
import { importPlain } from './plain.ts';
import { knownImage, nameCommit, recordImage } from './record.ts';
import { inStaging, type Staging } from './staging.ts';

/** The options of aot-ociimport that the work reads. */
export interface ImportArgs extends RegistryArgs {
  image: string;
  repo: string | undefined;
  ref: string | undefined;
  arch: string | undefined;
  'any-image': boolean;
  'cache-only': boolean;
  'verify-remote': string | undefined;
  'verify-policy': string | undefined;
}

/** What importing an image came to. */
export interface Imported {
  commit: string;
  /** Diff ids of the layers that were read from the source. */
  fetched: ReadonlySet<string>;
}

/** aot-ociimport: an image in, a commit in a repository out. */
export async function importImage(args: ImportArgs, context: Context): Promise<CommitManifest> {
  process.umask(0o022);
  const { repo } = args;
  if (repo === undefined) throw new AotError('usage', "option '--repo' is missing", { hint: 'name a repository' });
  const architecture = await architectureOf(args.arch);
  const reference = parseImageReference(args.image);
  const platform = platformOf(architecture);
  const options = { ...transportOptions(args, context.signal), platform };
  const source = await open(await verified(reference, platform, options, args), options, args, repo);
  try {
    const image = await readImage(source, platform, args.image);
    requireBootable(image, args);
    await ensureRepository(repo, outerUid() === 0 ? 'bare' : 'bare-user');
    const known = args['verify-remote'] === undefined ? knownImage(repo, image.stored.digest) : undefined;
    const imported: Imported =
      known === undefined
        ? await inStaging({ target: repo, source, image, context }, (staging) => importInto(staging, args))
        : { commit: known, fetched: new Set() };
    if (reference.transport === 'registry') await nameImage(repo, formatImageReference(reference), image.stored.digest);
    await nameCommit(repo, imported.commit, args.ref);
    return describe({ args: { ...args, repo }, image, imported, architecture, unchanged: known !== undefined });
  } finally {
    await source.close();
  }
}

/** What is to be imported: with a policy by the digest that it accepted, whatever the tag names afterwards. */
async function verified(
  reference: ImageReference,
  platform: Platform,
  options: TransportOptions,
  args: ImportArgs,
): Promise<ImageReference> {
  const policy = args['verify-policy'];
  if (policy === undefined) return reference;
  if (args['cache-only']) throw cannotVerifyOffline('--verify-policy');
  const digest = await acceptedDigest(reference, platform, { ...options, policy });
  return { ...reference, digest } as ImageReference;
}

/** Without the network the repository is what there is of registries. A signature is checked of what comes, not of what is here. */
async function open(
  reference: ImageReference,
  options: TransportOptions,
  args: ImportArgs,
  repo: string,
): Promise<ImageSource> {
  if (reference.transport !== 'registry' || !args['cache-only']) return openSource(reference, options);
  if (args['verify-remote'] !== undefined) throw cannotVerifyOffline('--verify-remote');
  return keptSource(repo, reference);
}

const cannotVerifyOffline = (option: string): AotError =>
  new AotError('usage', `cannot use '--cache-only' together with '${option}'`, {
    hint: 'a signature is checked of what comes from the registry',
  });

async function importInto(staging: Staging, args: ImportArgs): Promise<Imported> {
  const isEncapsulated = finalDiffId(staging.image) !== undefined;
  if (!isEncapsulated && args['verify-remote'] !== undefined)
    throw new AotError('failed', `cannot verify '${args.image}': it does not carry an OSTree commit`, {
      code: 'unsigned',
      hint: 'images without one are not signed by the keys of a remote',
    });
  const commit = isEncapsulated ? await importEncapsulated(staging, args['verify-remote']) : await importPlain(staging);
  recordImage(staging, commit);
  await staging.publish([commit]);
  return { commit, fetched: staging.fetched };
}

function requireBootable(image: Image, args: ImportArgs): void {
  if (args['any-image'] || isBootable(image)) return;
  throw new AotError(
    'failed',
    `cannot use '${args.image}': it has neither the label 'containers.bootc' nor 'ostree.bootable'`,
    { code: 'not-bootable', hint: "an image that is not meant to be booted is accepted with '--any-image'" },
  );
}
