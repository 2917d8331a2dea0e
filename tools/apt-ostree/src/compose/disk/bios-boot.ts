import { AotError } from '@apt-ostree/errors';
import { SECTOR } from './partitions.ts';

/** In boot.img: where the loader begins; the jump that is taken from floppies only. See grub-core/boot/i386/pc/boot.S. */
const KERNEL_SECTOR = 0x5c;
const DRIVE_CHECK = 0x66;
/** In core.img's first sector: the list of blocks that it has to read. See diskboot.S. */
const BLOCK_LIST = 0x1f4;
const SEGMENT = 0x0820;
/** Where the table of a disk with a master boot record begins, with the disk's signature before it. */
const CODE = 440;

/**
 * What grub-bios-setup would write, for a loader that lies in one piece in the BIOS boot partition.
 * @returns the code of the first sector (its table is not ours), and the loader with its block list
 */
export function biosBoot(boot: Buffer, core: Buffer, start: number, room: number): { code: Buffer; core: Buffer } {
  if (boot.length !== SECTOR || boot.readUInt16LE(SECTOR - 2) !== 0xaa55 || core.length <= SECTOR)
    throw new AotError('data', "cannot write the boot loader: GRUB's images for i386-pc are not what they should be");
  if (core.length > room) throw new AotError('data', 'cannot write the boot loader: it is larger than its partition');
  const code = Buffer.from(boot.subarray(0, CODE));
  code.writeBigUInt64LE(BigInt(start / SECTOR), KERNEL_SECTOR);
  code.fill(0x90, DRIVE_CHECK, DRIVE_CHECK + 2);
  const loader = Buffer.alloc(Math.ceil(core.length / SECTOR) * SECTOR);
  core.copy(loader);
  loader.writeBigUInt64LE(BigInt(start / SECTOR + 1), BLOCK_LIST);
  loader.writeUInt16LE(loader.length / SECTOR - 1, BLOCK_LIST + 8);
  loader.writeUInt16LE(SEGMENT, BLOCK_LIST + 10);
  return { code, core: loader };
}
