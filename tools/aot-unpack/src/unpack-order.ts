import { AotError } from '@apt-ostree/errors';
import type { ArchivesManifest } from '@apt-ostree/manifest';
import type { ImportedItem } from './import-queue.ts';

/** The packages in the order in which apt would have dpkg unpack them. @throws AotError `data` when one is missing */
export function unpackOrder(manifest: ArchivesManifest, imported: ReadonlyMap<string, ImportedItem>): ImportedItem[] {
  const planned = manifest.plan.flatMap((step) => (step.action === 'unpack' ? step.packages : []));
  const ids = new Set(planned);
  const surplus = [...imported.keys()].find((id) => !ids.has(id));
  if (surplus !== undefined) throw unfit(`its plan never unpacks '${surplus}'`);
  return [...ids].map((id) => {
    const found = imported.get(id);
    if (found === undefined) throw unfit(`it has no archive for '${id}'`);
    return found;
  });
}

const unfit = (why: string): AotError =>
  new AotError('data', `cannot use the manifest from standard input: ${why}`, { code: 'invalid-manifest' });
