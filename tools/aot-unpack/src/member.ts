import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Claimant, classifyPreinst, replacesOf } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import { packageId, type UnpackedItem } from '@apt-ostree/manifest';
import { parseStanza } from 'deb822';
import type { ImportedItem } from './import-queue.ts';

/** A package on its way into the tree. */
export interface Member extends ImportedItem {
  claimant: Claimant;
  /** Left to dpkg, because its preinst is not known to be inert. */
  leftOver: boolean;
}

/** @param emptyTree whether nothing is there yet: some scripts do something only to what they find */
export function toMember(imported: ImportedItem, emptyTree: boolean): Member {
  const { name, version, architecture, multiArch, control, preinst } = imported.record;
  const claimant = { name, version, architecture, multiArch, replaces: replacesOf(control) };
  return { ...imported, claimant, leftOver: classifyPreinst(preinst, emptyTree) === 'unknown' };
}

/** Makes sure that dpkg will find what is left to it. @throws AotError `data` */
export function checkLeftOvers(members: readonly Member[], cachedir: string): void {
  const lacking = members.find((m) => m.leftOver && !existsSync(join(cachedir, m.file)));
  if (lacking === undefined) return;
  throw new AotError('data', `cannot unpack '${lacking.item.name}': dpkg needs its .deb, which is not in the cache`, {
    code: 'no-archive',
    hint: 'run the pipeline again from aot-fetch, without --have',
  });
}

export const toUnpackedItem = ({ item, record, leftOver, file }: Member): UnpackedItem => ({
  package: packageId(item),
  commit: record.commit,
  leftOver,
  ...(leftOver ? { file, preDepends: parseStanza(record.control).get('Pre-Depends') ?? '' } : {}),
});
