import type { ArEntry } from 'ar-stream';
import type { Compression } from './compress.ts';
import type { TarEntry } from './tar.ts';

/** A file of a package; exactly one of content, from, link, hardlink, device, fifo and directory says what it is. */
export interface FileSpec {
  content?: string | Uint8Array | { zeros: number };
  /** A file of this machine whose bytes are taken. */
  from?: string;
  /** Target of a symbolic link. */
  link?: string;
  /** Path, in the package, of the file it is another name of. */
  hardlink?: string;
  device?: { type: 'character' | 'block'; major: number; minor: number };
  fifo?: true;
  directory?: true;
  /** 0644 for files, 0755 for directories and files below a bin or sbin, 0777 for links. */
  mode?: number;
  uid?: number;
  gid?: number;
}

export type ScriptName = 'preinst' | 'postinst' | 'prerm' | 'postrm' | 'config';

export interface PackageSpec {
  name: string;
  /** '1.0-1' unless said. */
  version?: string;
  /** 'all' unless said. */
  architecture?: string;
  /** By path, with or without a leading slash; directories above are made. A text is a file's content. */
  files?: Record<string, FileSpec | string>;
  /** Further fields of the control file; undefined leaves a field out. */
  control?: Record<string, string | undefined>;
  /** Maintainer scripts; `#!/bin/sh` and `set -e` are put before those without an interpreter. */
  scripts?: Partial<Record<ScriptName, string>>;
  conffiles?: string[];
  /** Content of the triggers file, as `interest /usr/share/x`. */
  triggers?: string;
  /** Any further file of the control archive, as `templates` or `shlibs`. */
  controlFiles?: Record<string, string>;
  /** 'xz' unless said. */
  compression?: Compression;
  /** Time of everything within, in seconds since the epoch; 1700000000 unless said. */
  mtime?: number;
  hostile?: HostileKnobs;
}

/** Ways in which a package can be wrong. */
export interface HostileKnobs {
  /** Entries that stand in data.tar as they are, after the others. */
  entries?: TarEntry[];
  /** Changes the members of the archive: their order, names, number. */
  members?: (members: ArEntry[]) => ArEntry[];
  /** Changes the entries of control.tar. */
  controlEntries?: (entries: TarEntry[]) => TarEntry[];
  /** Keeps so many bytes of the .deb. */
  truncate?: number | ((size: number) => number);
}
