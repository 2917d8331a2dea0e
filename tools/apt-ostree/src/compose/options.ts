import type { Option } from '@apt-ostree/cli';

type Options = Record<string, Option>;

export const TREEFILE = {
  treefile: { type: 'positional', valueHint: 'TREEFILE', description: 'the treefile, YAML or JSON' },
} as const satisfies Options;

/** Every compose is unified: packages are imported first, then put together. */
export const CORE = {
  'unified-core': { type: 'boolean', description: 'compose from imported packages; always so here' },
  'ex-unified-core': { type: 'boolean', hidden: true, description: 'older spelling of --unified-core' },
} as const satisfies Options;

export const REPO = {
  repo: { type: 'string', alias: 'r', valueHint: 'REPO', description: 'the OSTree repository that gets the commit' },
  'layer-repo': {
    type: 'string',
    valueHint: 'REPO',
    description: 'the repository with the refs of ostree-layers, where it is not --repo',
  },
} as const satisfies Options;

/** Where packages come from and which ones. */
export const RESOLVE = {
  cachedir: { type: 'string', valueHint: 'DIR', description: 'cache for indices and packages' },
  'source-root': {
    type: 'string',
    valueHint: 'DIR',
    description: 'where the files beside the treefile are, instead of its own directory',
  },
  'cache-only': { type: 'boolean', description: 'use only what is in the cache: no network' },
  lockfile: {
    type: 'string',
    also: ['ex-lockfile'],
    multiple: true,
    valueHint: 'FILE',
    description: 'take the versions from this lockfile; of several the later wins',
  },
  'lockfile-strict': {
    type: 'boolean',
    also: ['ex-lockfile-strict'],
    description: 'with --lockfile, a package that no lockfile has is an error',
  },
  proxy: { type: 'string', valueHint: 'URL', description: 'HTTP proxy for indices and packages' },
} as const satisfies Options;

export const INSTALL = {
  ...RESOLVE,
  'force-nocache': { type: 'boolean', description: 'compose even when nothing seems to have changed' },
  'download-only': { type: 'boolean', description: 'only download and import the packages' },
  'download-only-debs': {
    type: 'boolean',
    also: ['download-only-rpms'],
    description: 'only download the packages',
  },
  'dry-run': { type: 'boolean', description: 'only print the packages of the tree' },
  'print-only': { type: 'boolean', description: 'only print the flattened treefile as JSON' },
  'touch-if-changed': { type: 'string', valueHint: 'FILE', description: 'touch FILE when a new commit was made' },
  'previous-commit': {
    type: 'string',
    valueHint: 'COMMIT',
    description: "compare with this commit instead of the ref's",
  },
  'previous-inputhash': {
    type: 'string',
    valueHint: 'HASH',
    description: "compare with this input hash instead of the parent commit's",
  },
  'previous-version': {
    type: 'string',
    valueHint: 'VERSION',
    description: "count automatic-version-prefix on from this version instead of the parent commit's",
  },
  workdir: {
    type: 'string',
    valueHint: 'DIR',
    description: 'where the tree is put together; best on the file system of the cache directory',
  },
  'workdir-tmpfs': { type: 'boolean', hidden: true, description: 'accepted and without effect' },
  postprocess: {
    type: 'boolean',
    description: 'also run the post-processing of the treefile; compose tree always does',
  },
  'write-lockfile-to': {
    type: 'string',
    also: ['ex-write-lockfile-to'],
    valueHint: 'FILE',
    description: 'write the lockfile: the resolved packages, as aot-resolve prints them',
  },
} as const satisfies Options;

export const COMMIT = {
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
    description: 'write the checksum of the commit to FILE, and leave the ref alone',
  },
  'write-composejson-to': {
    type: 'string',
    valueHint: 'FILE',
    description: 'write what was composed to FILE as JSON, with the difference of packages to the parent',
  },
  'no-parent': { type: 'boolean', description: 'make a commit without a parent' },
  parent: { type: 'string', valueHint: 'REV', description: "the parent commit instead of the ref's" },
  'strict-var': { type: 'boolean', description: 'a path in /var that no rule names is an error' },
} as const satisfies Options;

/** Our own: other programs in the place of stages. */
export const STAGE = {
  stage: {
    type: 'string',
    multiple: true,
    valueHint: 'NAME=CMD',
    description: 'run CMD, with the same arguments, in the place of a stage: resolve, fetch, unpack, sandbox or commit',
  },
  after: {
    type: 'string',
    multiple: true,
    valueHint: 'NAME=CMD',
    description: 'put CMD behind a stage, as a filter of its manifest',
  },
  'keep-workdir': { type: 'boolean', description: 'leave the working directory, and say where it is' },
} as const satisfies Options;
