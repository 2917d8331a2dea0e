import { posix } from 'node:path';
import type { Tree } from '@apt-ostree/ostree';
import table from '../data/initramfs-view.json' with { type: 'json' };
import { installed } from '../installed.ts';
import { closure, View } from './view.ts';

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
  const view = new View(tree);
  view.addPackages(closure(packages, seeds));
  for (const { path } of table) view.addBelow(path);
  view.addBelow(`usr/lib/modules/${kver}`);
  for (const path of mentions.paths) view.addBelow(tree.canonical(path));
  view.addLinks();
  return view.sorted();
}

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
