import { createHash } from 'node:crypto';

/** The identifiers of a disk, its partitions and file systems. */
export interface Identifiers {
  disk: string;
  /** Of each partition in the table. */
  partition: (name: string) => string;
  root: string;
  boot: string;
  /** The volume's serial number, eight hexadecimal digits. */
  esp: string;
  hashSeed: string;
}

/** The same commit with the same settings has the same identifiers: they come from a digest and not from chance. */
export function identifiers(commit: string, settings: unknown): Identifiers {
  const of = (name: string) =>
    uuid(
      createHash('sha256')
        .update(JSON.stringify([commit, settings, name]))
        .digest('hex'),
    );
  return {
    disk: of('disk'),
    partition: (name) => of(`partition ${name}`),
    root: of('root'),
    boot: of('boot'),
    esp: of('esp').slice(0, 8),
    hashSeed: of('hash seed'),
  };
}

/** RFC 9562, version 8: bits that a program chose by itself. */
const uuid = (hex: string): string =>
  [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16) + hex.slice(18, 20),
    hex.slice(20, 32),
  ].join('-');
