import { chmodSync, lchownSync } from 'node:fs';
import { accounts, type Tree } from '@apt-ostree/ostree';
import { VAR_LINES } from './lay-out-var.ts';

const FACTORY = 'usr/share/factory';

interface Line {
  type: string;
  path: string;
  mode: string;
  user: string;
  group: string;
  argument: string;
}

/**
 * Makes what lines of tmpfiles.d(5) make in /var on a machine: directories, and of our own lines also links and files, so
 * that scripts find it as they did when the base was made.
 * @param without below these nothing is made
 */
export function restoreVar(tree: Tree, without: readonly string[]): void {
  const owners = ownersOf(tree);
  const own = linesOf(tree, VAR_LINES);
  tree.remove(VAR_LINES); // they are written anew
  const others = tree.list('usr/lib/tmpfiles.d').flatMap((name) => linesOf(tree, `usr/lib/tmpfiles.d/${name}`));
  const skipped = ({ path }: Line) => without.some((top) => path.startsWith(`${top}/`));
  for (const line of [...own, ...others.filter(isDirectory)].filter((l) => !skipped(l))) make(tree, line, owners);
}

function linesOf(tree: Tree, file: string): Line[] {
  if (!file.endsWith('.conf')) return [];
  return (tree.readText(file) ?? '').split('\n').flatMap((text) => {
    const [type = '', path = '', mode = '-', user = '-', group = '-', , argument = ''] = wordsOf(text);
    const usable = path.startsWith('/var/') && !/(^|[^%])%([^%]|$)/.test(path);
    return usable ? [{ type: type[0] ?? '', path: path.replaceAll('%%', '%'), mode, user, group, argument }] : [];
  });
}

/** Blanks separate; a path with blanks stands in quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => unescaped(quoted ?? plain ?? ''));

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

const isDirectory = ({ type }: Line): boolean => ['d', 'D', 'v', 'q', 'Q'].includes(type);

interface Owners {
  user(name: string): number;
  group(name: string): number;
}

function ownersOf(tree: Tree): Owners {
  const { users, groups } = accounts(tree);
  const uids = new Map(users.map((u) => [u.name, u.uid]));
  const gids = new Map(groups.map((g) => [g.name, g.gid]));
  const number = (name: string, known: Map<string, number>) =>
    known.get(name) ?? (/^\d+$/.test(name) ? Number(name) : 0);
  return { user: (name) => number(name, uids), group: (name) => number(name, gids) };
}

function make(tree: Tree, line: Line, owners: Owners): void {
  const path = line.path.slice(1).replace(/\/+$/, '');
  const there = tree.exists(path);
  if (isDirectory(line)) {
    if (there && !tree.isDirectory(path)) return;
    tree.mkdir(path);
    adopt(tree, path, line, owners);
  } else if (there) return;
  else if (line.type === 'L') tree.symlink(line.argument.replaceAll('%%', '%'), path);
  else if (line.type === 'C' && tree.isFile(`${FACTORY}/${path}`)) tree.rename(`${FACTORY}/${path}`, path);
}

function adopt(tree: Tree, path: string, { mode, user, group }: Line, owners: Owners): void {
  const place = tree.at(path);
  if (user !== '-' || group !== '-') lchownSync(place, owners.user(user), owners.group(group));
  const digits = /^[~:]*([0-7]{3,4})$/.exec(mode)?.[1];
  if (digits !== undefined) chmodSync(place, Number.parseInt(digits, 8));
}
