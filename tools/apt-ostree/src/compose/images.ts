import { later, value, word } from '../later.ts';

/** The commands of `compose` that come with archives of packages. */
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
];
