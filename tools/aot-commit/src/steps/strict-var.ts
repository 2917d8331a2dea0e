import { dirname } from 'node:path';
import { PACKAGE_STATE } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import { declaredPaths, MACHINE_LOCAL, ruleOf } from '@apt-ostree/layout';
import type { Tree } from '@apt-ostree/ostree';
import { installed } from '../installed.ts';
import type { Layout } from '../layout.ts';
import { movedIntoVar } from './top-level.ts';

/**
 * `--strict-var`: every path that will be in /var must be known to the table or to a tmpfiles line of a package. Asked
 * before anything that takes time, of the places that things are in before they are moved.
 * @throws AotError `failed` (unclassified-var), naming all paths
 */
export function strictVar({ tree, settings }: Layout): void {
  const declared = declaredPaths(tree);
  const unknown: string[] = [];
  const dropped = PACKAGE_STATE.map(({ path }) => path);
  for (const path of pathsOfVar(tree)) {
    if (dropped.some((d) => path === d || path.startsWith(`${d}/`))) continue;
    const rule = ruleOf(path);
    if (rule === 'drop') dropped.push(path);
    if (rule === undefined && !declared.has(`/${path}`)) unknown.push(`/${path}`);
  }
  for (const path of settings.optUsrlocal === 'var' ? emptyLocal(tree) : [])
    if (ruleOf(path) === undefined && !declared.has(`/${path}`)) unknown.push(`/${path}`);
  if (unknown.length > 0) throw unclassified(unknown);
}

function* pathsOfVar(tree: Tree): Generator<string> {
  for (const { path } of tree.walk('var')) yield path;
  for (const [from, to] of movedIntoVar(tree)) {
    for (const { path } of tree.walk(from)) yield to + path.slice(from.length);
  }
}

/**
 * Directories of /usr/local in which nothing is shipped, and that no package lists, at their places in /var. All else there
 * and in /opt is in /usr, and /var has a link to it.
 */
function emptyLocal(tree: Tree): string[] {
  if (tree.isLink('usr/local')) return []; // a base has it in /var already
  const directories = new Set<string>();
  for (const { path, stat } of tree.walk('usr/local')) {
    if (stat.isDirectory()) directories.add(path);
    else for (let up = dirname(path); directories.delete(up); up = dirname(up));
  }
  for (const { paths } of installed(tree)) for (const path of paths) directories.delete(path);
  return [...directories].map((path) => MACHINE_LOCAL + path.slice('usr/local'.length));
}

const unclassified = (paths: readonly string[]): AotError =>
  new AotError('failed', `cannot commit '/var': no rule for ${paths.map((p) => `'${p}'`).join(', ')}`, {
    hint: 'remove them in a post-process step, declare them in usr/lib/tmpfiles.d, or leave out --strict-var',
    code: 'unclassified-var',
  });
