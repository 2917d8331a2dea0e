import { readFileSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { Deb822Error, parseStanza, type Stanza } from 'deb822';
import type { ArchiveSource } from './archive-source.ts';
import type { IndexFile } from './index-files.ts';

/** A stanza of a Packages file. */
export interface PackageRecord {
  stanza: Stanza;
  index: IndexFile;
}

/** Where a stanza lies. */
interface Place {
  file: number;
  start: number;
  end: number;
}

const GAP = Buffer.from('\n\n');
const VERSION = Buffer.from('\nVersion: ');
const HEAD = Buffer.from('Package: ');

/**
 * Finds records in verified Packages files. The files have tens of megabytes and a tree a few hundred packages, so they
 * are scanned as bytes for the starts of stanzas, and only wanted stanzas are decoded.
 */
export class PackageIndex {
  readonly #files: { index: IndexFile; bytes: Buffer }[];
  readonly #places = new Map<string, Place[]>();

  constructor(files: readonly IndexFile[]) {
    this.#files = files.map((index) => ({ index, bytes: readFileSync(index.file) }));
    for (const [n, { bytes }] of this.#files.entries()) this.#scan(n, bytes);
  }

  #scan(file: number, bytes: Buffer): void {
    for (let start = 0; start < bytes.length; ) {
      const gap = bytes.indexOf(GAP, start);
      const end = gap < 0 ? bytes.length : gap;
      const name = nameAt(bytes, start, end);
      if (name !== undefined) {
        const known = this.#places.get(name);
        if (known) known.push({ file, start, end });
        else this.#places.set(name, [{ file, start, end }]);
      }
      start = end + 2;
    }
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  names(): Iterable<string> {
    return this.#places.keys();
  }

  /** Name, version and source of every record. */
  *versions(): Generator<{ name: string; version: string; source: ArchiveSource }> {
    for (const [name, places] of this.#places) {
      for (const { file, start, end } of places) {
        const { index, bytes } = this.#files[file] as { index: IndexFile; bytes: Buffer };
        const at = bytes.indexOf(VERSION, start) + VERSION.length;
        const newline = bytes.indexOf(10, at);
        if (at < end) yield { name, version: bytes.toString('latin1', at, newline).trim(), source: index.source };
      }
    }
  }

  /** Every record of a name, in the order of the sources. */
  records(name: string): PackageRecord[] {
    return (this.#places.get(name) ?? []).map((place) => this.#decode(place));
  }

  #decode({ file, start, end }: Place): PackageRecord {
    const { index, bytes } = this.#files[file] as { index: IndexFile; bytes: Buffer };
    return { stanza: parse(bytes.subarray(start, end), index), index };
  }

  /** The records that have a line that begins with `text`, as in `Essential: yes`. */
  withLine(text: string): PackageRecord[] {
    const needle = Buffer.from(`\n${text}`);
    return this.#files.flatMap(({ bytes }, file) => {
      const found: PackageRecord[] = [];
      for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
        const gap = bytes.indexOf(GAP, at);
        const end = gap < 0 ? bytes.length : gap;
        const before = bytes.lastIndexOf(GAP, at);
        found.push(this.#decode({ file, start: before < 0 ? 0 : before + 2, end }));
      }
      return found;
    });
  }

  /** Names of the packages that provide a virtual name. */
  providers(virtual: string): string[] {
    const records = this.withLine('Provides: ').filter(({ stanza }) =>
      (stanza.get('Provides') ?? '').split(',').some((p) => p.trim().split(/[\s(:]/)[0] === virtual),
    );
    return [...new Set(records.map(({ stanza }) => stanza.get('Package') ?? ''))].sort();
  }
}

function nameAt(bytes: Buffer, start: number, end: number): string | undefined {
  const at = bytes.compare(HEAD, 0, HEAD.length, start, start + HEAD.length) === 0 ? start : bytes.indexOf(HEAD, start);
  if (at < 0 || at >= end) return undefined;
  const newline = bytes.indexOf(10, at);
  return bytes.toString('latin1', at + HEAD.length, newline < 0 || newline > end ? end : newline).trim();
}

function parse(bytes: Buffer, { source }: IndexFile): Stanza {
  try {
    return parseStanza(bytes);
  } catch (error) {
    if (!(error instanceof Deb822Error)) throw error;
    throw new AotError('data', `cannot use the index of '${source.id} ${source.suite}': ${error.message}`, {
      code: 'broken-index',
    });
  }
}
