import { choice, flag, value, values } from '../../later.ts';

const LABEL = { label: values('KEY=VALUE', 'add a label', { alias: 'l' }) } as const;

const LAYERS = { 'max-layers': value('N', 'at most so many layers', { default: '64' }) } as const;

/** Our own: how the image is written. */
export const WRITING = {
  compression: choice(['gzip', 'zstd', 'none'], 'how layers are compressed', { default: 'gzip' }),
  annotation: values('KEY=VALUE', 'add an annotation to the manifest'),
  sbom: choice(
    ['spdx', 'cyclonedx'],
    'list the packages in a file of the image, and attach the list to it; an archive for docker has the file alone',
  ),
  'sign-by': value(
    'KEY',
    'sign the image in its registry: with a private key in a file, by cosign or skopeo, or with a key of GnuPG, by skopeo',
  ),
  'cert-dir': value('DIR', 'certificates for the registry'),
  'no-tls-verify': flag("take the registry's certificate as it is, or plain HTTP"),
  transport: choice(['own', 'skopeo'], 'who talks to registries', { default: 'own' }),
} as const;

export const ENCAPSULATE = {
  repo: value('REPO', 'the OSTree repository'),
  ...LABEL,
  'image-config': value('FILE', 'the OCI image configuration to start from'),
  arch: value('ARCH', 'architecture of the image'),
  copymeta: values('KEY', "copy this string of the commit's metadata to the labels"),
  'copymeta-opt': values('KEY', 'the same, where it is there'),
  cmd: values('WORD', 'what a container of the image runs, a word each time'),
  ...LAYERS,
  'format-version': choice(['1', '2'], 'version of the format; both have all directories in every layer here', {
    default: '1',
  }),
  'write-contentmeta-json': value('FILE', 'write what each layer holds'),
  'compare-with-build': value('IMAGE', 'show what changes against this image'),
  'previous-build-manifest': value('FILE', 'keep the layers of this manifest where they still fit'),
  cachedir: value('DIR', 'cache for compressed layers'),
  authfile: value('FILE', 'credentials for the registry'),
  ...WRITING,
} as const;

export const CHUNKED = {
  rootfs: value('PATH', 'the tree'),
  from: value(
    'IMAGE',
    'the image with the tree, as in oci-archive:FILE or registry:HOST/NAME:TAG; its command, environment and labels are kept',
  ),
  bootc: flag('make an image for bootc'),
  'format-version': choice(['1', '2'], 'keep the tree as a commit, in this version of the format'),
  'sign-commit': value('TYPE=KEY', 'sign that commit: ed25519=FILE'),
  ...LAYERS,
  'previous-build': value('IMAGE', 'keep the layers of this image where they still fit'),
  reference: value('NAME', 'tag of the image', { default: 'latest' }),
  ...LABEL,
  output: value('TRANSPORT:TARGET', 'where the image goes'),
  cachedir: value('DIR', 'cache for compressed layers'),
  authfile: value('FILE', 'credentials for the registry'),
  ...WRITING,
} as const;

export const IMAGE = {
  cachedir: value('DIR', 'cache for indices, packages and layers'),
  'source-root': value('DIR', 'where the files beside the treefile are, instead of its own directory'),
  authfile: value('FILE', 'credentials for the registry'),
  'layer-repo': value('REPO', 'the repository with the refs of ostree-layers'),
  initialize: flag('write the image whatever is there now', { alias: 'i' }),
  'initialize-mode': choice(
    ['query', 'always', 'never', 'if-not-exists'],
    'what an image that is there already means: compare with it (query, if-not-exists), do not look (always), or there must be one (never)',
    { default: 'query' },
  ),
  format: choice(['ociarchive', 'oci', 'registry'], 'form of the output', { default: 'ociarchive' }),
  'force-nocache': flag('compose even when nothing seems to have changed'),
  offline: flag('use only what is in the cache'),
  'write-lockfile-to': value('FILE', 'write the lockfile'),
  lockfile: values('FILE', 'take the versions from this lockfile; of several the later wins'),
  'lockfile-strict': flag('with --lockfile, a package that no lockfile has is an error'),
  ...LABEL,
  'image-config': value('FILE', 'the OCI image configuration to start from'),
  'touch-if-changed': value('FILE', 'touch FILE when a new image was made'),
  'copy-retry-times': value('N', 'try a transfer so many times'),
  ...LAYERS,
  encapsulated: flag('keep the tree as a commit in the image, with its checksum'),
  ...WRITING,
} as const;
