import { defineTool } from '@apt-ostree/cli';

const enter = async () => (await import('@apt-ostree/run/namespace')).enter();

const exec = defineTool({
  name: 'exec',
  summary: 'run a command in a tree, in the sandbox of the maintainer scripts',
  description:
    "The command sees the tree as its root, without network, with fresh /proc, /dev, /run and /tmp, and with the standard streams of the caller. What it changes is forgotten, unless --write is given and it ends with 0. The exit code is the command's.",
  args: {
    rootfs: { type: 'string', valueHint: 'DIR', description: 'the tree' },
    write: { type: 'boolean', description: 'keep what the command changes, if it ends with 0' },
  },
  rest: 'CMD [ARG...]',
  enter,
  examples: [{ command: 'aot-sandbox exec --rootfs build/root -- dpkg -l', text: 'list the packages of a tree' }],
  work: async () => (await import('./exec.ts')).exec,
});

export const command = defineTool({
  name: 'aot-sandbox',
  summary: 'configure a tree: maintainer scripts, triggers and post-processing, without network',
  description: `Reads a manifest of an unpacked tree, runs dpkg over it in a sandbox, edits the tree as the treefile says, runs the treefile's post-processing scripts, and writes the manifest of the configured tree.

Scripts run by dpkg itself in apt's order, in bubblewrap, with no network, no terminal, a clean environment, and programs that would touch a running system replaced by recorders. The tree is behind an overlay: it is changed only after everything went well. The manifest lists for each script its arguments, exit status, duration, intercepted calls and the paths it created, changed and removed.

A tree that comes configured from the cache is edited and post-processed only.`,
  args: {
    cachedir: { type: 'string', valueHint: 'DIR', description: "the cache directory, instead of the manifest's" },
    'source-root': {
      type: 'string',
      valueHint: 'DIR',
      description: 'where the files beside the treefile are',
      default: '.',
    },
    'script-timeout': {
      type: 'string',
      valueHint: 'SECONDS',
      description: 'give up on a script that takes longer',
      default: '300',
    },
    'no-configured-cache': { type: 'boolean', description: 'do not keep the configured tree in the cache' },
    accounts: {
      type: 'string',
      valueHint: 'FILE',
      description:
        'give users and groups the numbers that FILE says, JSON: {"users": {NAME: UID}, "groups": {NAME: GID}}',
    },
    'force-replacefiles': {
      type: 'boolean',
      description: 'let packages that dpkg unpacks replace files of other packages',
    },
    log: { type: 'string', valueHint: 'FILE', description: 'write all that the scripts printed to FILE' },
    keep: { type: 'boolean', description: 'on failure leave the upper directory of the overlay, and say where' },
  },
  reads: ['aot.rootfs/v1'],
  writes: 'aot.rootfs/v1',
  subCommands: [exec],
  enter,
  examples: [
    {
      command: 'aot-fetch < lock.json | aot-unpack --rootfs build/root | aot-sandbox > rootfs.json',
      text: 'configure a tree',
    },
    { command: "jq '.scripts[] | {package, script, durationMs}' rootfs.json", text: 'see which scripts ran' },
  ],
  work: async () => (await import('./configure.ts')).configure,
});
