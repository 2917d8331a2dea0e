import { type Args, defineTool } from '@apt-ostree/cli';

const args = {
  rev: {
    type: 'positional',
    required: false,
    valueHint: 'REV',
    description: "the commit, by ref or checksum; the treefile's ref, where one is given",
  },
  repo: { type: 'string', alias: 'r', valueHint: 'REPO', description: 'the OSTree repository that has the commit' },
  output: { type: 'string', alias: 'o', valueHint: 'FILE', description: 'the image to write' },
  treefile: {
    type: 'string',
    valueHint: 'TREEFILE',
    description: "take what no option says from the key 'disk' of a treefile, see treefile(5)",
  },
  format: { type: 'enum', options: ['raw', 'qcow2'], default: 'raw', description: 'form of the image' },
  size: {
    type: 'string',
    valueHint: 'SIZE',
    description: 'size of the disk, as in 8G; as it is needed, and at least 4G',
  },
  stateroot: {
    type: 'string',
    also: ['os'],
    valueHint: 'NAME',
    description: "name of the stateroot; the tree's ID in os-release(5)",
  },
  refspec: {
    type: 'string',
    valueHint: 'REMOTE:REF',
    description: 'what upgrades of the machine follow; REV, where that is a ref',
  },
  karg: { type: 'string', multiple: true, valueHint: 'KEY=VALUE', description: 'add a kernel argument' },
  hostname: { type: 'string', valueHint: 'NAME', description: 'name of the machine' },
  user: {
    type: 'string',
    valueHint: 'NAME',
    description: 'whom the password and the key are for: root, or an account that is made and may use sudo; root',
  },
  'password-hash-file': {
    type: 'string',
    valueHint: 'FILE',
    description: 'a password as crypt(5) has it; never a password in the clear',
  },
  'ssh-key': { type: 'string', valueHint: 'FILE', description: 'public keys that may log in by ssh' },
  'separate-boot': {
    type: 'boolean',
    description: 'a partition for /boot, for a root that the boot loader cannot read',
  },
} as const;

export type DiskArgs = Args<typeof args>;

export const disk = defineTool({
  name: 'disk',
  summary: 'write a bootable disk image of a commit',
  description: `Deploys a commit in a new disk image that boots through UEFI or BIOS: a GUID partition table, GRUB from the tree's own packages, and an ext4 root with the OSTree repository. Later deployments, upgrades and rollbacks need nothing but libostree, which writes the menu anew.

The deployment is made by the tree's own ostree, in a sandbox; no loop device is needed, nor any privilege beyond subordinate ids. The image appears under its name when it is complete.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose disk --repo build/repo --ssh-key key.pub --output server.img debian/13/amd64/server',
      text: 'Write a server that root enters with the key in key.pub.',
    },
    {
      command: 'apt-ostree compose disk --repo build/repo --treefile host.yaml --output host.img',
      text: "Write what the treefile's key 'disk' describes, of the commit that its ref names.",
    },
    {
      command:
        'apt-ostree compose disk --repo build/repo --format qcow2 --user ada --password-hash-file hash --output server.qcow2 debian/13/amd64/server',
      text: "Write it for qemu, with an account; 'openssl passwd -6 > hash' makes the hash.",
    },
  ],
  seeAlso: ['apt-ostree-compose-tree(1)', 'treefile(5)', 'ostree-admin-deploy(1)', 'sfdisk(8)', 'mke2fs(8)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./disk.ts')).disk,
});
