import type { Lint } from '../lint.ts';
import type { LintTree } from '../lint-tree.ts';
import { shown } from '../shown.ts';

export const varLog: Lint = {
  name: 'var-log',
  severity: 'warning',
  summary: 'no logs of the build in /var/log',
  check({ tree }) {
    const logs = [...tree.walk('var/log')].filter(([, node]) => node.type === 'file' && node.size > 0);
    return shown(logs, ([path]) => `/${path} is not empty`);
  },
};

export const varTmpfiles: Lint = {
  name: 'var-tmpfiles',
  severity: 'warning',
  summary: 'what is in /var is directories and links that tmpfiles.d makes: upgrades do not touch /var',
  check({ tree }) {
    const made = madeByTmpfiles(tree);
    const found = [...tree.walk('var')].flatMap(([path, node]) => {
      if (node.mount) return [];
      if (node.type !== 'directory' && node.type !== 'link') return [`/${path} is neither a directory nor a link`];
      return made.has(path) ? [] : [`/${path} has no line in tmpfiles.d`];
    });
    return shown(found, (text) => text);
  },
};

/** The paths of all lines, with links among their parents followed, so that /var/run/x is /run/x. */
function madeByTmpfiles(tree: LintTree): Set<string> {
  const directories = ['usr/lib/tmpfiles.d', 'etc/tmpfiles.d'];
  const files = directories.flatMap((d) => tree.list(d).map((name) => `${d}/${name}`));
  const paths = files.filter((f) => f.endsWith('.conf')).flatMap((file) => pathsOf(tree.text(file) ?? ''));
  return new Set(paths.map((path) => physical(tree, path)));
}

const pathsOf = (text: string): string[] =>
  text.split('\n').flatMap((line) => {
    const [, quoted, plain] = /^\s*[a-zA-Z][-+!=~^$?]*\s+(?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(line) ?? [];
    const path = (quoted ?? plain)?.replace(/\\x([0-9a-fA-F]{2})|\\(.)/g, (_, hex: string | undefined, c: string) =>
      hex ? String.fromCharCode(Number.parseInt(hex, 16)) : c,
    );
    return path?.startsWith('/') ? [path.replace(/\/+$/, '').slice(1)] : [];
  });

function physical(tree: LintTree, path: string): string {
  const slash = path.lastIndexOf('/');
  const parent = tree.resolve(path.slice(0, Math.max(0, slash)), true);
  return parent === undefined ? path : `${parent}/${path.slice(slash + 1)}`;
}
