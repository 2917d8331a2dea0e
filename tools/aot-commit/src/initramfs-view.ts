import { posix } from 'node:path';
import { byBytes, type Tree } from '@apt-ostree/ostree';
import table from './data/initramfs-view.json' with { type: 'json' };
import { type Installed, installed } from './installed.ts';

/** What dracut's own packages own, whatever else is there. */
const BASE = /^usr\/lib\/(dracut|ostree|modules|firmware)\/./;
const PROGRAM = /^usr\/s?bin\/[^/]+$/;
const LIBRARY = /^usr\/lib\/(?:[^/]+\/)?(lib[^/]+\.so[^/]*)$/;

/**
 * The part of a tree that dracut gets to see, as sorted paths without links among their parents.
 *
 * The image is a function of what dracut can read, so it is run on a tree that holds only that part; its digest then names
 * the image, and an image from the cache is bit for bit the one that would be made. Nothing outside can matter, by
 * construction. The choice of the part decides only how often the cache is of use: packages that ship a program or a
 * library that some script of dracut mentions, dracut's own, the Essential ones, and all that these depend on; the
 * configuration in the table; the modules of the kernel; and every path that a dracut.conf or the arguments name.
 */
export function initramfsView(tree: Tree, kver: string, args: readonly string[]): string[] {
  const packages = installed(tree);
  const mentions = words(tree, args);
  const seeds = packages.filter((p) => p.essential || p.paths.some((path) => wanted(path, mentions)));
  const view = new Set<string>();
  for (const p of closure(packages, seeds)) for (const path of p.paths) if (isPlain(path)) add(path);
  for (const { path } of table) addBelow(path);
  addBelow(`usr/lib/modules/${kver}`);
  for (const path of mentions.paths) addBelow(tree.canonical(path));
  addLinks(tree, view, add);
  return [...view].sort(byBytes);

  function add(path: string): void {
    for (let at = tree.canonical(path); at !== '.' && at !== '/' && !view.has(at); at = posix.dirname(at))
      if (tree.exists(at)) view.add(at);
  }
  function addBelow(path: string): void {
    if (!tree.exists(path)) return;
    add(path);
    for (const entry of tree.walk(tree.canonical(path))) view.add(entry.path);
  }
}

/** Documentation, state, greetings and jobs are of no use to dracut. */
const USELESS =
  /^(var|usr\/share\/(doc|man|info|locale|lintian)|etc\/(motd|issue|issue\.net|skel|cron\.[a-z]+|logrotate\.d))(\/|$)/;

const isPlain = (path: string): boolean => path !== '' && path !== '.' && !USELESS.test(path);

interface Mentions {
  words: ReadonlySet<string>;
  /** Beginnings of names of libraries, as in `libtss2-` from `libtss2-*.so*`. */
  libraries: readonly string[];
  /** Paths that configuration names, relative to the root. */
  paths: readonly string[];
}

/** What dracut's scripts, its configuration and the arguments speak of. */
function words(tree: Tree, args: readonly string[]): Mentions {
  const all = new Set(args);
  const scripts = [...tree.walk('usr/lib/dracut')]
    .filter((e) => e.stat.isFile() && !/README/.test(e.path))
    .map((e) => e.path);
  const configuration = ['etc/dracut.conf', ...tree.list('etc/dracut.conf.d').map((n) => `etc/dracut.conf.d/${n}`)];
  const texts = [...scripts, 'usr/bin/dracut', ...configuration].map(
    (path) => tree.readBytes(path)?.toString('latin1') ?? '',
  );
  for (const text of texts) for (const word of spoken(text)) all.add(word);
  const named = [...args, ...configuration.map((path) => tree.readText(path) ?? '')].join(' ');
  return {
    words: all,
    libraries: [...all].filter((w) => /^lib[a-z0-9_+-]{3,}/.test(w)).map((w) => w.replace(/\.so.*$/, '')),
    paths: (named.match(/\/[^\s"'=:+]+/g) ?? [])
      .map((p) => posix.normalize(p).slice(1))
      .filter((p) => tree.exists(p) && p.includes('/')),
  };
}

/** The words of a script: not those of its comments, and not the names of options. */
const spoken = (text: string): string[] =>
  text.replace(/(^|\s)#.*$/gm, '').match(/(?<![\w.+@-])[\w.+@][\w.+@-]*/g) ?? [];

function wanted(path: string, { words: all, libraries }: Mentions): boolean {
  if (BASE.test(path)) return true;
  if (PROGRAM.test(path)) return all.has(posix.basename(path));
  const library = LIBRARY.exec(path)?.[1];
  return library !== undefined && libraries.some((name) => library.startsWith(name));
}

/** The packages and all that they depend on, by any alternative that is there. */
function closure(packages: readonly Installed[], seeds: readonly Installed[]): Set<Installed> {
  const byName = new Map<string, Installed[]>();
  for (const p of packages)
    for (const name of [p.name, ...p.provides]) byName.set(name, [...(byName.get(name) ?? []), p]);
  const found = new Set(seeds);
  for (const p of found) for (const name of p.needs) for (const q of byName.get(name) ?? []) found.add(q);
  return found;
}

/** Links that no package owns, such as those of update-alternatives, where they lead to something in the view. */
function addLinks(tree: Tree, view: ReadonlySet<string>, add: (path: string) => void): void {
  for (const directory of ['', 'etc', 'etc/alternatives', 'usr/lib', 'usr/bin', 'usr/sbin']) {
    for (const name of tree.list(directory)) {
      const path = directory === '' ? name : `${directory}/${name}`;
      if (view.has(path) || !tree.isLink(path)) continue;
      if (view.has(targetOf(path, tree.readLink(path)))) add(path);
    }
  }
}

/** The path that a link leads to, relative to the root. */
const targetOf = (path: string, target: string): string =>
  posix.join('/', target.startsWith('/') ? '' : posix.dirname(path), target).slice(1);
