import { inputHash, type PackagesManifest } from '@apt-ostree/manifest';
import { layerChecksums } from '@apt-ostree/ostree';
import { metadataString } from './previous.ts';

export interface PreviousArgs {
  repo?: string | undefined;
  'layer-repo'?: string | undefined;
  parent?: string | undefined;
  'no-parent': boolean;
  'previous-commit'?: string | undefined;
  'previous-inputhash'?: string | undefined;
  'previous-version'?: string | undefined;
}

/** The input hash that the commit will have. */
export async function hashOf(args: PreviousArgs & { repo: string }, manifest: PackagesManifest): Promise<string> {
  return inputHash(manifest, await layerChecksums(args['layer-repo'] ?? args.repo, manifest.treefile));
}

/** True when the commit that came before was made from exactly what `hash` names. */
export async function unchanged(args: PreviousArgs, manifest: PackagesManifest, hash: string): Promise<boolean> {
  return hash === (await previousHash(args, manifest));
}

async function previousHash(args: PreviousArgs, manifest: PackagesManifest): Promise<string | undefined> {
  if (args['previous-inputhash'] !== undefined) return args['previous-inputhash'];
  const revision = previousRevision(args, manifest);
  if (revision === undefined || args.repo === undefined) return undefined;
  return metadataString(args.repo, revision, 'aptostree.inputhash');
}

/** What the new commit is compared with: what was named, else the parent, else what the treefile's ref names now. */
export function previousRevision(args: PreviousArgs, manifest: PackagesManifest): string | undefined {
  const ref = manifest.treefile['ref'];
  if (args['previous-commit'] !== undefined) return args['previous-commit'];
  if (args.parent !== undefined) return args.parent;
  return args['no-parent'] || typeof ref !== 'string' ? undefined : ref;
}

/** No commit was made from that. */
const NOTHING = 'none';

/** What `--previous-commit` means in the words of aot-commit, which knows a parent only. */
export async function withPrevious<T extends PreviousArgs>(args: T): Promise<T> {
  const { repo, 'previous-commit': previous } = args;
  if (repo === undefined || previous === undefined) return args;
  const hash = await metadataString(repo, previous, 'aptostree.inputhash');
  const version = await metadataString(repo, previous, 'version');
  return {
    ...args,
    'previous-inputhash': args['previous-inputhash'] ?? hash ?? NOTHING,
    'previous-version': args['previous-version'] ?? version,
  };
}
