import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import type { DiskTree } from './tree.ts';

/** The boot loader's own code. Its menu is on the file system, and libostree's. */
export interface Loader {
  architecture: 'x64' | 'arm64';
  efi: { name: string; file: string };
  /** GRUB's first sector and the rest, for BIOS. */
  bios: { boot: Buffer; core: Buffer } | undefined;
}

const EFI = {
  'x86_64-efi': { architecture: 'x64', name: 'BOOTX64.EFI', package: 'grub-efi-amd64-bin' },
  'arm64-efi': { architecture: 'arm64', name: 'BOOTAA64.EFI', package: 'grub-efi-arm64-bin' },
} as const;

/** What grub-mkconfig's menus load or call: the modules are inside, since nothing else of GRUB is on the disk. */
const MODULES = [
  ...['part_gpt', 'part_msdos', 'ext2', 'fat', 'search', 'search_label', 'search_fs_uuid', 'search_fs_file'],
  ...['configfile', 'normal', 'linux', 'gzio', 'serial', 'terminal', 'test', 'echo', 'minicmd', 'loadenv', 'font'],
  ...['gfxterm', 'gfxmenu', 'all_video', 'reboot', 'halt', 'sleep', 'ls', 'cat', 'true', 'regexp', 'probe'],
];
const MORE: Record<string, string[]> = { 'x86_64-efi': ['bli'], 'arm64-efi': ['bli'], 'i386-pc': ['biosdisk'] };

/** Makes the boot loader with the tree's GRUB, for what the tree has it for. */
export async function makeLoader(tree: DiskTree, fileSystem: string, separateBoot: boolean): Promise<Loader> {
  const prefix = separateBoot ? '/grub' : '/boot/grub';
  const platform = Object.keys(EFI).find((name) => existsSync(join(tree.path, 'usr/lib/grub', name, 'modinfo.sh')));
  if (platform === undefined)
    throw new AotError('data', 'cannot make a disk: the commit has no GRUB for UEFI', {
      hint: `add the package '${EFI[process.arch === 'arm64' ? 'arm64-efi' : 'x86_64-efi'].package}' to the treefile`,
    });
  const { architecture, name } = EFI[platform as keyof typeof EFI];
  const image = (format: string) => makeImage(tree, format, fileSystem, prefix);
  const efi = { name, file: await image(platform) };
  const boot = join(tree.path, 'usr/lib/grub/i386-pc/boot.img');
  if (architecture !== 'x64' || !existsSync(boot)) return { architecture, efi, bios: undefined };
  return { architecture, efi, bios: { boot: readFileSync(boot), core: readFileSync(await image('i386-pc')) } };
}

/** The place of the menu is built in; a file system is found by its identifier, on whatever disk it is. */
async function makeImage(tree: DiskTree, format: string, fileSystem: string, prefix: string): Promise<string> {
  const directory = join(dirname(tree.path), `grub-${format}`);
  mkdirSync(directory);
  const early = [
    `search --no-floppy --fs-uuid --set=root ${fileSystem}`,
    `set prefix=($root)${prefix}`,
    `configfile ($root)${prefix}/grub.cfg`,
    '',
  ];
  writeFileSync(join(directory, 'early.cfg'), early.join('\n'));
  const inside = '/run/aot/grub';
  const args = ['-O', format, '-c', `${inside}/early.cfg`, '-p', prefix, '-o', `${inside}/image`];
  await tree.run(['grub-mkimage', ...args, ...MODULES, ...(MORE[format] ?? [])], {
    what: `cannot make the boot loader for ${format}`,
    binds: [{ source: directory, target: inside, writable: true }],
  });
  return join(directory, 'image');
}
