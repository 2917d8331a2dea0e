import { type Conffile, parseConffiles } from '../conffiles.ts';
import { INFO, infoName } from '../info-name.ts';
import { Checksums } from './checksums.ts';
import { ControlArchive } from './control-archive.ts';
import { checkIdentity, controlStanza, type Identity } from './control-stanza.ts';
import { type Entry, Listing, type ObjectStore } from './listing.ts';
import { limitsFor, readDeb } from './read-deb.ts';

/** All that assembling a tree needs to know of a package; the contents are in the store. */
export interface ImportedPackage {
  name: string;
  version: string;
  architecture: string;
  /** The Multi-Arch field, or `no`. */
  multiArch: string;
  /** The control stanza as text, with one newline at its end. */
  control: string;
  conffiles: Conffile[];
  /** The text of preinst, which decides who unpacks the package. */
  preinst: string | undefined;
  /** Members of data.tar in their order, then the files below info/. */
  entries: Entry[];
}

export interface DebToImport extends Identity {
  /** For errors. */
  deb: string;
  /** Bytes of the .deb. */
  size: number;
}

/**
 * Reads a .deb once: hashes it, checks its structure, stores every content. Whether the hash is right is known at the end
 * only, so the caller has to compare it before anything refers to what was stored.
 * @throws AotError `data` for a package that is not as it must be
 */
export async function importDeb(
  source: AsyncIterable<Uint8Array>,
  wanted: DebToImport,
  store: ObjectStore,
): Promise<{ sha256: string; imported: ImportedPackage }> {
  const limits = limitsFor(wanted.size);
  const control = new ControlArchive();
  let head: Head | undefined;
  let listing: Listing | undefined;
  let sums: Checksums | undefined;
  const begin = () => {
    head = readHead(control, wanted);
    listing = new Listing(store, new Set(head.conffiles.map((c) => c.path)), limits.data);
    if (control.members.has('md5sums')) return listing;
    sums = new Checksums(listing);
    return sums;
  };
  try {
    const sha256 = await readDeb(wanted.deb, source, { control, data: begin }, limits);
    const { entries, lines } = listing as unknown as Listing;
    if (sums) control.members.set('md5sums', { mode: 0o644, data: Buffer.from(sums.text) });
    entries.push(...infoEntries(head as unknown as Head, control, lines, store));
    return { sha256, imported: { ...(head as unknown as Head), entries } };
  } catch (error) {
    listing?.abort();
    throw error;
  }
}

type Head = Omit<ImportedPackage, 'entries'>;

function readHead(control: ControlArchive, wanted: DebToImport): Head {
  const text = control.text('control');
  const stanza = controlStanza(text);
  checkIdentity(stanza, wanted);
  return {
    name: wanted.name,
    version: wanted.version,
    architecture: wanted.architecture,
    multiArch: stanza.get('Multi-Arch') ?? 'no',
    control: `${(text as string).trim()}\n`,
    conffiles: parseConffiles(control.text('conffiles') ?? ''),
    preinst: control.text('preinst'),
  };
}

/** What dpkg keeps below info/: every control member but `control`, and the list of the package's files. */
function infoEntries(head: Head, control: ControlArchive, lines: readonly string[], store: ObjectStore): Entry[] {
  const members = [...control.members].filter(([name]) => name !== 'control');
  const list = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const files = [...members, ['list', { mode: 0o644, data: list }] as const];
  return files.map(([extension, { mode, data }]) => {
    const metadata = { uid: 0, gid: 0, mode: 0o100000 | mode };
    const path = `${INFO}/${infoName(head)}.${extension}`;
    return { ...metadata, path, type: 'file', object: storeBytes(store, metadata, data), size: data.length };
  });
}

function storeBytes(store: ObjectStore, metadata: { uid: number; gid: number; mode: number }, data: Buffer): string {
  const writer = store.content(metadata, data.length);
  writer.write(data);
  return writer.finish();
}
