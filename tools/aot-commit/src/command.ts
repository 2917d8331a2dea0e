import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({
  name: 'aot-commit',
  summary: 'turn a configured tree into an OSTree commit',
  description: `Reads a configured tree and writes it as a commit in the layout that OSTree deploys: /etc becomes /usr/etc, the package database and every other piece of package state move to /usr/lib/sysimage, the rest of /var becomes systemd-tmpfiles lines and files in /usr/share/factory, users and groups get sysusers lines with their numbers, and the one kernel gets the modules of DKMS packages, built for it, and its initramfs from dracut. What scripts made from chance or clock is normalised, or left out and made again at first boot.

The tree on disk is not changed, unless --consume says that it may. The same input gives the same checksum; where the parent commit was made of the same input nothing is written. What was changed in the tree by hand is no part of that input: --force commits it. Without --repo's ref moving nothing has happened: the ref is updated last, in one step. A repository that is not there is made, in mode bare for root and bare-user for anybody else.`,
  reads: ['aot.rootfs/v1'],
  writes: 'aot.commit/v1',
  args: {
    repo: { type: 'string', alias: 'r', valueHint: 'REPO', description: 'the repository that gets the commit' },
    ref: { type: 'string', valueHint: 'REF', description: "the ref to update instead of the treefile's" },
    cachedir: {
      type: 'string',
      valueHint: 'DIR',
      description: 'the cache directory instead of the one in the manifest',
    },
    'source-root': {
      type: 'string',
      valueHint: 'DIR',
      description: 'where the files beside the treefile are',
      default: '.',
    },
    parent: { type: 'string', valueHint: 'REV', description: 'the parent commit instead of what the ref names' },
    'no-parent': { type: 'boolean', description: 'make a commit without a parent' },
    'add-metadata-string': {
      type: 'string',
      multiple: true,
      valueHint: 'KEY=VALUE',
      description: 'add a string to the metadata of the commit',
    },
    'add-metadata-from-json': {
      type: 'string',
      valueHint: 'FILE',
      description: 'add the members of a JSON object to the metadata of the commit',
    },
    'write-commitid-to': {
      type: 'string',
      valueHint: 'FILE',
      description: 'write the commit to FILE and leave the ref alone',
    },
    'commit-version': {
      type: 'string',
      valueHint: 'VERSION',
      description: "the version instead of the one that the treefile's automatic-version-prefix gives",
    },
    'previous-version': {
      type: 'string',
      valueHint: 'VERSION',
      description: "the version that automatic-version-prefix counts on from, instead of the parent's",
    },
    'previous-inputhash': {
      type: 'string',
      valueHint: 'HASH',
      description: "the input hash to compare with, instead of the parent's",
    },
    consume: {
      type: 'boolean',
      description: 'lay the tree out in place, which ends it: for a tree that nobody needs afterwards',
    },
    leave: {
      type: 'boolean',
      description: 'with --consume: do not remove what is left of the tree, for somebody who does that meanwhile',
    },
    'layer-repo': {
      type: 'string',
      valueHint: 'REPO',
      description: 'the repository with the refs of ostree-layers, where it is not --repo',
    },
    'strict-var': { type: 'boolean', description: 'a path in /var that no rule names is an error' },
    'gpg-sign': { type: 'string', multiple: true, valueHint: 'KEY', description: 'sign the commit with this GPG key' },
    'gpg-homedir': { type: 'string', valueHint: 'DIR', description: 'the GPG home directory with the keys' },
    'sign-ed25519': {
      type: 'string',
      valueHint: 'FILE',
      description: 'sign the commit with the ed25519 secret key in FILE, where libostree can',
    },
    force: { type: 'boolean', description: 'write a commit even when the input hash is that of the parent' },
  },
  examples: [
    {
      command: 'aot-sandbox < rootfs.json | aot-commit --repo build/repo',
      text: 'Configure a tree and commit it to build/repo.',
    },
  ],
  seeAlso: ['aot-sandbox(1)', 'aot-deploy(1)', 'ostree(1)'],
  enter: async () => (await import('@apt-ostree/run')).enter(),
  work: async () => (await import('./commit.ts')).commit,
});
