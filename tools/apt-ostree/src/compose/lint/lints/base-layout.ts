import type { Lint } from '../lint.ts';
import type { LintTree } from '../lint-tree.ts';
import { shown } from '../shown.ts';

const BASE = ['dev', 'proc', 'sys', 'run', 'tmp', 'var'];

export const apiBaseDirectories: Lint = {
  name: 'api-base-directories',
  severity: 'error',
  summary: '/dev, /proc, /sys, /run, /tmp and /var are directories',
  check: ({ tree }) =>
    BASE.filter((name) => !tree.isDirectory(name)).map((name) =>
      tree.at(name) ? `/${name} is no directory` : `there is no /${name}`,
    ),
};

/** Where an image may keep the layout that it starts from. */
const EMBEDDED = 'usr/share/doc/bootc/baseimage/base';

/** The root, and the base image within it, each with a prefix for paths. */
export const roots = (tree: LintTree): string[] => ['', ...(tree.isDirectory(EMBEDDED) ? [`${EMBEDDED}/`] : [])];

const ostreeRoot = (tree: LintTree, prefix: string): string[] => {
  const link = tree.at(`${prefix}ostree`);
  return [
    ...(tree.isDirectory(`${prefix}sysroot`) ? [] : [`/${prefix}sysroot is no directory`]),
    ...(link?.type === 'link' && link.target === 'sysroot/ostree'
      ? []
      : [`/${prefix}ostree is no link to 'sysroot/ostree'`]),
  ];
};

export const baseimageRoot: Lint = {
  name: 'baseimage-root',
  severity: 'error',
  summary: '/sysroot is a directory and /ostree the link sysroot/ostree',
  check: ({ tree }) => roots(tree).flatMap((prefix) => ostreeRoot(tree, prefix)),
};

export const etcUsretc: Lint = {
  name: 'etc-usretc',
  severity: 'error',
  summary: 'configuration is in /etc or in /usr/etc, not in both',
  check: ({ tree }) =>
    tree.at('etc') && tree.at('usr/etc') ? ['there are both /etc and /usr/etc: which one counts is not said'] : [],
};

export const utf8: Lint = {
  name: 'utf8',
  severity: 'error',
  summary: 'names of files and targets of links are UTF-8',
  check: ({ tree }) => shown(tree.notUtf8, (path) => `the name or target of '${path}' is not UTF-8`),
};

export const varRun: Lint = {
  name: 'var-run',
  severity: 'error',
  summary: '/var/run is a link to /run, or is not there',
  check: ({ tree }) => {
    const node = tree.at('var/run');
    return node && node.type !== 'link' ? ['/var/run is no link to /run'] : [];
  },
};

export const buildahInjected: Lint = {
  name: 'buildah-injected',
  severity: 'warning',
  summary: 'no empty /etc/hostname or /etc/resolv.conf that a container builder left',
  skips: ({ running }) => (running ? 'the system runs' : undefined),
  check: ({ tree }) =>
    ['etc/hostname', 'etc/resolv.conf'].filter((path) => isEmptyFile(tree, path)).map((path) => `/${path} is empty`),
};

function isEmptyFile(tree: LintTree, path: string): boolean {
  const node = tree.at(path);
  return node?.type === 'file' && node.size === 0;
}

export const nonemptyBoot: Lint = {
  name: 'nonempty-boot',
  severity: 'warning',
  summary: '/boot is there, and empty but for EFI: a deployment has one of its own',
  check: ({ tree }) =>
    tree.isDirectory('boot')
      ? shown(
          tree.list('boot').filter((name) => name !== 'EFI'),
          (name) => `/boot has '${name}' in it`,
        )
      : ['there is no /boot'],
};

/** systemd-resolved's file, which builders bind over /etc/resolv.conf. */
const STUB = 'run/systemd/resolve/stub-resolv.conf';

export const nonemptyRunTmp: Lint = {
  name: 'nonempty-run-tmp',
  severity: 'warning',
  summary: '/run and /tmp are empty: other file systems hide them',
  check({ tree }) {
    const stub = tree.list('run/systemd/resolve').length === 1 && tree.at(STUB) ? STUB : '';
    const found = ['run', 'tmp'].flatMap((top) => [...tree.walk(top)]);
    const left = found.filter(([path, node]) => !node.mount && path !== stub && !stub.startsWith(`${path}/`));
    return shown(left, ([path]) => `there is '/${path}'`);
  },
};
