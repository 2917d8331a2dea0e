import type { Identifiers } from './identifiers.ts';

export const MIB = 2 ** 20;
export const SECTOR = 512;

/** A partition, in bytes. */
export interface Partition {
  name: 'bios' | 'esp' | 'boot' | 'root';
  start: number;
  size: number;
}

export interface Layout {
  size: number;
  partitions: Partition[];
}

const BIOS = MIB;
/** FAT32 begins at 33 MiB; the rest is room for what updates of firmware leave there. */
const ESP = 128 * MIB;
/** Three kernels with their initramfs of 100 MiB each, and one more while they are exchanged. */
const BOOT = 512 * MIB;
/** The table before the first partition, and its copy at the end. */
const ENDS = 2 * MIB;

/** What a disk needs besides the root file system. */
export const overhead = (separateBoot: boolean): number => ENDS + BIOS + ESP + (separateBoot ? BOOT : 0);

/** Partitions one after the other, each on a whole MiB; root is the last, so that it can grow with the disk. */
export function layOut(size: number, separateBoot: boolean): Layout {
  const sizes: [Partition['name'], number][] = [
    ['bios', BIOS],
    ['esp', ESP],
    ...(separateBoot ? [['boot', BOOT] as [Partition['name'], number]] : []),
    ['root', size - overhead(separateBoot)],
  ];
  let start = MIB;
  const partitions = sizes.map(([name, bytes]) => {
    const partition = { name, start, size: bytes };
    start += bytes;
    return partition;
  });
  return { size, partitions };
}

export const partition = (layout: Layout, name: Partition['name']): Partition =>
  layout.partitions.find((p) => p.name === name) as Partition;

/** Types of the Discoverable Partitions Specification; BIOS boot is GRUB's own. */
const TYPES = {
  bios: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  boot: 'BC13C2FF-59E6-4262-A352-B275FD6F7172',
} as const;

const ROOTS: Record<string, string> = {
  x64: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
  arm64: 'B921B045-1DF0-41C3-AF44-4C6F280D3FAE',
};

/** The table as sfdisk(8) reads it. */
export function partitionTable(layout: Layout, ids: Identifiers, architecture: 'x64' | 'arm64'): string {
  const lines = layout.partitions.map(({ name, start, size }) => {
    const type = name === 'root' ? ROOTS[architecture] : TYPES[name];
    return `start=${start / SECTOR}, size=${size / SECTOR}, type=${type}, uuid=${ids.partition(name)}, name=${name}`;
  });
  return ['label: gpt', `label-id: ${ids.disk}`, `first-lba: ${MIB / SECTOR}`, '', ...lines, ''].join('\n');
}
