import { readFileSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import {
  type Claimant,
  classifyPreinst,
  type Entry,
  INFO,
  infoName,
  mergedPath,
  replacesOf,
  Union,
  unpackedStanza,
  writeDatabase,
} from '@apt-ostree/dpkg';
import { type ArchivesManifest, packageId, type UnpackedItem } from '@apt-ostree/manifest';
import type { BareRepo } from '@apt-ostree/ostree';
import type { ImportedItem } from './import-queue.ts';
import { materialise } from './materialise.ts';
import type { Target } from './target.ts';

interface Member extends ImportedItem {
  claimant: Claimant;
  leftOver: boolean;
}

/**
 * Makes the union of the packages at `target`, and dpkg's database to it. Left-overs are for dpkg to unpack; those that
 * every script needs (the closure of Essential) are there beforehand, as debootstrap has it: their files, without
 * conffiles and without an entry in the database.
 */
export function assemble(
  manifest: ArchivesManifest,
  packages: readonly ImportedItem[],
  repo: BareRepo,
  target: Target,
  context: Context,
): UnpackedItem[] {
  const essential = new Set(manifest.essential);
  const members = packages.map(toMember);
  const union = new Union();
  for (const member of members) {
    if (!member.leftOver) union.add(member.claimant, member.record.entries);
    else if (essential.has(packageId(member.item))) union.add(member.claimant, bootstrapEntries(member));
  }
  materialise(union.root, repo, target.path, context.progress);
  const ours = members.filter((m) => !m.leftOver);
  writeDatabase(target.path, {
    stanzas: ours.map((m) => unpackedStanza(m.record)),
    architectures: [manifest.architecture, ...manifest.foreignArchitectures],
    automatic: manifest.packages.filter((p) => p.automatic),
    lists: new Map(ours.flatMap((m) => shortenedList(m, union, repo))),
  });
  return members.map(toUnpackedItem);
}

function toMember(imported: ImportedItem): Member {
  const { name, version, architecture, multiArch, control, preinst } = imported.record;
  const claimant = { name, version, architecture, multiArch, replaces: replacesOf(control) };
  return { ...imported, claimant, leftOver: classifyPreinst(preinst, true) === 'unknown' };
}

function* bootstrapEntries({ record }: Member): Iterable<Entry> {
  for (const entry of record.entries) {
    const byDpkg = entry.path.startsWith(`${INFO}/`) || entry.path.endsWith('.dpkg-new');
    if (!byDpkg) yield entry;
  }
}

/** The .list of a package some of whose paths another one replaced, as dpkg rewrites it. */
function shortenedList({ record, claimant }: Member, union: Union, repo: BareRepo): [string, string][] {
  const gone = union.replaced(claimant);
  if (gone.size === 0) return [];
  const path = `${INFO}/${infoName(record)}.list`;
  const entry = record.entries.find((e) => e.path === path);
  if (entry?.type !== 'file') return [];
  const lines = readFileSync(repo.objectPath(entry.object, 'file'), 'utf8').split('\n');
  return [[path, lines.filter((line) => !gone.has(mergedPath(line.slice(1), true))).join('\n')]];
}

const toUnpackedItem = ({ item, record, leftOver, file }: Member): UnpackedItem => ({
  package: packageId(item),
  commit: record.commit,
  leftOver,
  ...(leftOver ? { file } : {}),
});
