import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAotError } from '@apt-ostree/errors';
import { type RunOptions, run } from '@apt-ostree/run';
import { type Partition, SECTOR } from './partitions.ts';
import { type Size, tooSmall } from './size.ts';
import { together } from './together.ts';

export interface FileSystem {
  label: string;
  uuid: string;
  /** Of the hashes in directories. */
  seed: string;
  inodes?: number;
}

/** The programs that write a disk into a file, each at a partition's offset. */
export interface DiskTools {
  partition(table: string): Promise<void>;
  esp(place: Partition, serial: string, loader: { name: string; file: string }): Promise<void>;
  /** @param filled called once the content has been read, while the file system is being finished */
  ext4(place: Partition, options: FileSystem, content: string, filled?: () => Promise<void>): Promise<void>;
  makeImmutable(place: Partition, path: string): Promise<void>;
}

/**
 * What GRUB's driver does not know or the machine that writes it may not, whatever its mke2fs.conf says; and what mke2fs
 * is slow with, as it sums up every block of a directory again for every name that it adds: checksums come afterwards.
 */
const FEATURES = '^verity,^metadata_csum_seed,^orphan_file,^metadata_csum';
/** mke2fs's word for a file system that is too small for its content. */
const FULL = /could not allocate (block|inode)/i;
/** ext4's flags: a file with extents, and one that cannot be changed, as libostree makes a deployment's root. */
const IMMUTABLE = 0x80000 | 0x10;

export function diskTools(file: string, output: string, epoch: number, size: Size, signal: AbortSignal): DiskTools {
  const what = `cannot write '${output}'`;
  const call = (name: string, args: string[], options: RunOptions = {}) =>
    run(name, args, { what, signal, ...options, env: environment(epoch) });
  /**
   * Adds the checksums of metadata; then sorts directories by hash, which mke2fs leaves to the first check, and makes room in
   * those whose block was too full for its checksum.
   */
  const finish = async (device: string) => {
    await call('tune2fs', ['-O', 'metadata_csum', device]);
    await call('e2fsck', ['-f', '-y', '-D', device], { ok: [0, 1] });
  };
  return {
    async partition(table) {
      await call('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', file], { input: table });
    },
    async esp(place, serial, loader) {
      const at = ['-i', `${file}@@${place.start}`];
      await call('mformat', [...at, '-F', '-T', String(place.size / SECTOR), '-N', serial, '-v', 'ESP', '::']);
      await call('mmd', [...at, '::/EFI', '::/EFI/BOOT']);
      await call('mcopy', [...at, loader.file, `::/EFI/BOOT/${loader.name}`]);
    },
    async ext4(place, { label, uuid, seed, inodes }, content, filled = async () => {}) {
      const extended = `offset=${place.start},hash_seed=${seed},root_owner=0:0,assume_storage_prezeroed=1`;
      const identity = ['-b', '4096', '-L', label, '-U', uuid, ...(inodes === undefined ? [] : ['-N', String(inodes)])];
      const args = ['-q', '-F', '-t', 'ext4', '-O', FEATURES, '-E', extended, ...identity, '-d', content];
      try {
        await call('mke2fs', [...args, file, `${place.size / 1024}k`]);
      } catch (error) {
        throw isAotError(error) && FULL.test(error.message) ? tooSmall(size.disk, size.needed) : error;
      }
      await together(finish(`${file}?offset=${place.start}`), filled());
    },
    async makeImmutable(place, path) {
      const request = `set_inode_field ${join('/', path)} flags 0x${IMMUTABLE.toString(16)}`;
      await call('debugfs', ['-w', '-R', request, `${file}?offset=${place.start}`]);
    },
  };
}

/** They are in /usr/sbin, where a user's own PATH does not lead; and none of them shall look at the clock. */
const environment = (epoch: number): Record<string, string> => ({
  PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`,
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  SOURCE_DATE_EPOCH: String(epoch),
  E2FSPROGS_FAKE_TIME: String(epoch),
  E2FSCK_TIME: String(epoch),
  MTOOLS_SKIP_CHECK: '1',
});

/** @returns the image in qemu's form, beside the raw one, which is gone then */
export async function asQcow2(raw: string, signal: AbortSignal): Promise<string> {
  const file = `${raw}.qcow2`;
  await run('qemu-img', ['convert', '-O', 'qcow2', raw, file], { what: `cannot convert '${raw}'`, signal });
  rmSync(raw);
  return file;
}
