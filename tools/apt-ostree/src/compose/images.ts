import { choice, flag, later, value, values, word } from '../later.ts';
import { CHUNKED, ENCAPSULATE, LABELS } from './image-options.ts';

export const encapsulate = {
  name: 'container-encapsulate',
  summary: 'write a commit as an ostree container image',
  args: {
    ref: word('REF', 'commit or ref'),
    image: word('IMGREF', 'where the image goes'),
    ...ENCAPSULATE,
  },
};

/** The commands of `compose` that come with images, disks and archives. */
export const images = [
  later({
    name: 'extensions',
    summary: 'download packages that extend a base',
    args: {
      treefile: word('TREEFILE', 'the treefile of the base'),
      extensions: word('EXTYAML', 'the extensions'),
      repo: value('REPO', 'the OSTree repository', { alias: 'r' }),
      'layer-repo': value('REPO', 'the repository with the refs of ostree-layers'),
      'output-dir': value('DIR', 'where the packages go'),
      'base-rev': value('REV', 'the commit of the base'),
      cachedir: value('DIR', 'cache for indices and packages'),
      rootfs: value('DIR', 'a tree to take instead of a commit'),
      'touch-if-changed': value('FILE', 'touch FILE when something changed'),
    },
  }),
  later(encapsulate),
  later({
    name: 'image',
    summary: 'compose a tree and write it as an image',
    args: {
      manifest: word('MANIFEST', 'the treefile'),
      output: word('OUTPUT', 'where the image goes'),
      cachedir: value('DIR', 'cache for indices and packages'),
      'source-root': value('DIR', 'where the files beside the treefile are'),
      authfile: value('FILE', 'credentials for the registry'),
      'layer-repo': value('REPO', 'the repository with the refs of ostree-layers'),
      initialize: flag('there is no image yet: do not look for one', { alias: 'i' }),
      'initialize-mode': choice(['query', 'always', 'never', 'if-not-exists'], 'whether to look for an image', {
        default: 'query',
      }),
      format: choice(['ociarchive', 'oci', 'registry'], 'form of the output', { default: 'ociarchive' }),
      'force-nocache': flag('compose even when nothing seems to have changed'),
      offline: flag('use only what is in the cache'),
      'write-lockfile-to': value('FILE', 'write the lockfile'),
      lockfile: values('FILE', 'take the versions from this lockfile'),
      'lockfile-strict': flag('a package that no lockfile has is an error'),
      ...LABELS,
      'touch-if-changed': value('FILE', 'touch FILE when a new image was made'),
      'copy-retry-times': value('N', 'try a push so many times'),
      'max-layers': value('N', 'at most so many layers', { default: '64' }),
    },
  }),
  later({ name: 'build-chunked-oci', summary: 'write a tree as a chunked OCI image', args: CHUNKED }),
];
