import { inputHash, type PackagesManifest } from '@apt-ostree/manifest';
import { metadataString } from './previous.ts';

export interface PreviousArgs {
  repo?: string | undefined;
  parent?: string | undefined;
  'no-parent': boolean;
  'previous-commit'?: string | undefined;
  'previous-inputhash'?: string | undefined;
}

/** What the new commit is compared with: what was named, else the parent, else what the treefile's ref names now. */
export function previousRevision(args: PreviousArgs, manifest: PackagesManifest): string | undefined {
  const ref = manifest.treefile['ref'];
  if (args['previous-commit'] !== undefined) return args['previous-commit'];
  if (args.parent !== undefined) return args.parent;
  return args['no-parent'] || typeof ref !== 'string' ? undefined : ref;
}

/** True when the commit that came before was made from exactly this. */
export async function unchanged(args: PreviousArgs, manifest: PackagesManifest): Promise<boolean> {
  return inputHash(manifest) === (await previousHash(args, manifest));
}

async function previousHash(args: PreviousArgs, manifest: PackagesManifest): Promise<string | undefined> {
  if (args['previous-inputhash'] !== undefined) return args['previous-inputhash'];
  const revision = previousRevision(args, manifest);
  if (revision === undefined || args.repo === undefined) return undefined;
  return metadataString(args.repo, revision, 'aptostree.inputhash');
}
