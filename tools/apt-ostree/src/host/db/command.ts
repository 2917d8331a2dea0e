import { type Args, defineTool } from '@apt-ostree/cli';
import { choice, flag, value, word } from '../../later.ts';
import { ADVISORIES } from '../advisories.ts';

const REPO = { repo: value('PATH', "the repository; without it, the booted sysroot's", { alias: 'r' }) };

const diffArgs = {
  from: word('FROM', 'checksum, ref or version', { required: false }),
  to: word('TO', 'checksum, ref or version', { required: false }),
  ...REPO,
  format: choice(['block', 'diff', 'json'], 'form of the output', { alias: 'F', default: 'block' }),
  changelogs: flag('also show the changelogs', { alias: 'c' }),
  sysroot: value('SYSROOT', 'work on this sysroot', { default: '/' }),
  base: flag('compare the bases of layered commits'),
  ...ADVISORIES,
};

const listArgs = {
  revision: word('REV', 'checksums, refs or versions, then the beginnings of package names', { multiple: true }),
  ...REPO,
  ...ADVISORIES,
};

const versionArgs = { commit: word('COMMIT', 'checksums, refs or versions', { multiple: true }), ...REPO };

export type DiffArgs = Args<typeof diffArgs>;
export type ListArgs = Args<typeof listArgs>;
export type VersionArgs = Args<typeof versionArgs>;

export const diff = defineTool({
  name: 'diff',
  summary: 'show what differs between the packages of two commits',
  description: `Compares the lists of packages in the metadata of two commits, with versions in Debian's order; nothing is checked out. Without FROM and TO the booted deployment is compared with the one that waits for a reboot, or where none waits, the one to roll back to with the booted one. With one revision the booted deployment is compared with it.

A revision is a checksum or its beginning, a ref, or a version; of several commits with that version the newest one counts.

--advisories tells which of the new versions are security updates, as far as this host has the indices of its archives; a line for each source package.

--changelogs reads the changelogs of the upgraded packages in the newer commit, where its tree has them.`,
  args: diffArgs,
  examples: [
    { command: 'apt-ostree db diff', text: 'What the next boot changes.' },
    { command: "apt-ostree db diff --repo build/repo 'os^' os", text: 'What the last commit of a branch changed.' },
  ],
  work: async () => (await import('./diff.ts')).diff,
});

export const list = defineTool({
  name: 'list',
  summary: 'list the packages of commits',
  description:
    'Lists the packages of each revision. The first word that names no revision begins the list of names: a package is shown when its name begins with one of them, or matches it where it has * or ?.',
  args: listArgs,
  work: async () => (await import('./list.ts')).list,
});

export const version = defineTool({
  name: 'version',
  summary: 'show a digest of the package database of commits',
  description:
    'Prints how many packages each commit has, and a SHA-256 over their names, versions and architectures: commits with the same packages show the same.',
  args: versionArgs,
  work: async () => (await import('./version.ts')).version,
});

export const database = defineTool({
  name: 'db',
  aliases: ['rpm'],
  summary: 'look at the packages of commits',
  subCommands: [diff, list, version],
});
