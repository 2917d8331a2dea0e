import { type Args, defineTool } from '@apt-ostree/cli';
import { REGISTRY_OPTIONS } from '@apt-ostree/oci/registry-options';
import { isImage } from './is-image.ts';

const args = {
  subject: {
    type: 'positional',
    required: false,
    valueHint: 'ROOTFS|IMAGE|REF',
    description:
      'a directory, an image as in oci:DIR or registry:HOST/NAME:TAG, or with --repo a commit by ref or checksum',
  },
  repo: { type: 'string', alias: 'r', valueHint: 'REPO', description: 'the OSTree repository that has the commit' },
  container: {
    type: 'boolean',
    description: 'it is a base for containers: no kernel; commits say so themselves',
  },
  skip: { type: 'string', multiple: true, valueHint: 'NAME', description: 'leave a lint out' },
  'fatal-warnings': { type: 'boolean', description: 'fail for warnings too' },
  list: { type: 'boolean', description: 'only list the lints' },
  json: { type: 'boolean', description: 'print JSON' },
  ...REGISTRY_OPTIONS,
} as const;

export type LintArgs = Args<typeof args>;

export const lint = defineTool({
  name: 'lint',
  summary: 'look for what would keep a tree or an image from working',
  description: `Looks at a root file system, an image or a commit, and tells what is wrong with it. The lints of 'bootc container lint' are here under their names, and more; 'apt-ostree compose lint --list' has them all.

Errors fail, warnings only with --fatal-warnings. Nothing is changed, other file systems that are mounted in a root file system are not entered, and no link leads out of it. A commit is judged as an image or a deployment shows it, with its /usr/etc as /etc.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose lint --repo build/repo debian/13/amd64/server',
      text: 'Judge the newest commit of a ref.',
    },
    { command: 'apt-ostree compose lint oci:image:latest', text: 'Judge an image, its labels and architecture too.' },
    {
      command: 'apt-ostree compose lint --fatal-warnings --skip nonempty-boot /target',
      text: 'Judge a root file system strictly, but for one lint.',
    },
  ],
  seeAlso: ['apt-ostree-compose-tree(1)', 'apt-ostree-compose-rootfs(1)'],
  // the files of an image are unpacked with their owners
  enter: async () => (process.argv.some(isImage) ? (await import('@apt-ostree/run/namespace')).enter() : undefined),
  work: async () => (await import('./run.ts')).runLint,
});
