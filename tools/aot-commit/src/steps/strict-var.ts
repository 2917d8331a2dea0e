import { PACKAGE_STATE } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import { declaredPaths, ruleOf } from '@apt-ostree/layout';
import type { Tree } from '@apt-ostree/ostree';
import type { Layout } from '../layout.ts';
import { movedIntoVar } from './top-level.ts';

/**
 * `--strict-var`: every path that will be in /var must be known to the table or to a tmpfiles line of a package. Asked
 * before anything that takes time, of the places that things are in before they are moved.
 * @throws AotError `failed` (unclassified-var), naming all paths
 */
export function strictVar({ tree }: Layout): void {
  const declared = declaredPaths(tree);
  const unknown: string[] = [];
  const dropped = PACKAGE_STATE.map(({ path }) => path);
  for (const path of pathsOfVar(tree)) {
    if (dropped.some((d) => path === d || path.startsWith(`${d}/`))) continue;
    const rule = ruleOf(path);
    if (rule === 'drop') dropped.push(path);
    if (rule === undefined && !declared.has(`/${path}`)) unknown.push(`/${path}`);
  }
  if (unknown.length > 0) throw unclassified(unknown);
}

function* pathsOfVar(tree: Tree): Generator<string> {
  for (const { path } of tree.walk('var')) yield path;
  for (const [from, to] of movedIntoVar(tree)) {
    for (const { path } of tree.walk(from)) yield to + path.slice(from.length);
  }
}

const unclassified = (paths: readonly string[]): AotError =>
  new AotError('failed', `cannot commit '/var': no rule for ${paths.map((p) => `'${p}'`).join(', ')}`, {
    hint: 'remove them in a post-process step, declare them in usr/lib/tmpfiles.d, or leave out --strict-var',
    code: 'unclassified-var',
  });
