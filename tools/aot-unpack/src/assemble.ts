import { lstatSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import {
  type Entry,
  INFO,
  infoName,
  mergedPath,
  missingAliases,
  Union,
  unpackedStanza,
  writeDatabase,
} from '@apt-ostree/dpkg';
import { type ArchivesManifest, packageId } from '@apt-ostree/manifest';
import type { BareRepo } from '@apt-ostree/ostree';
import { materialise } from './materialise.ts';
import type { Member } from './member.ts';

/**
 * Makes the union of the packages at `path`, and dpkg's database to it. Left-overs are for dpkg to unpack; those that
 * every script needs (the closure of Essential) are there beforehand, as debootstrap has it: their files, without
 * conffiles and without an entry in the database.
 */
export function assemble(
  manifest: ArchivesManifest,
  members: readonly Member[],
  repo: BareRepo,
  path: string,
  context: Context,
): void {
  const essential = new Set(manifest.essential);
  const union = new Union();
  for (const member of members) {
    if (!member.leftOver) union.add(member.claimant, member.record.entries);
    else if (essential.has(packageId(member.item))) union.add(member.claimant, bootstrapEntries(member));
  }
  materialise(union.root, repo, path, context.progress);
  mergeUsr(path);
  const ours = members.filter((m) => !m.leftOver);
  writeDatabase(path, {
    stanzas: ours.map((m) => unpackedStanza(m.record, union.replaced(m.claimant))),
    architectures: [manifest.architecture, ...manifest.foreignArchitectures],
    automatic: manifest.packages.filter((p) => p.automatic),
    lists: new Map(ours.flatMap((m) => shortenedList(m, union, repo))),
  });
}

/** Before any program runs: the interpreter of a script is `/bin/sh`, and the loader of most programs is in `/lib64`. */
function mergeUsr(path: string): void {
  const missing = missingAliases((name) => lstatSync(join(path, name), { throwIfNoEntry: false }) !== undefined);
  for (const name of missing) symlinkSync(`usr/${name}`, join(path, name));
  if (missing.length > 0) utimesSync(path, 0, 0);
}

function* bootstrapEntries({ record }: Member): Iterable<Entry> {
  for (const entry of record.entries) {
    const byDpkg = entry.path.startsWith(`${INFO}/`) || entry.path.endsWith('.dpkg-new');
    if (!byDpkg) yield entry;
  }
}

/** The .list of a package some of whose paths another one replaced, as dpkg rewrites it. */
export function shortenedList({ record, claimant }: Member, union: Union, repo: BareRepo): [string, string][] {
  const gone = union.replaced(claimant);
  if (gone.size === 0) return [];
  const path = `${INFO}/${infoName(record)}.list`;
  const entry = record.entries.find((e) => e.path === path);
  if (entry?.type !== 'file') return [];
  const lines = readFileSync(repo.objectPath(entry.object, 'file'), 'utf8').split('\n');
  return [[path, lines.filter((line) => !gone.has(mergedPath(line.slice(1), true))).join('\n')]];
}
