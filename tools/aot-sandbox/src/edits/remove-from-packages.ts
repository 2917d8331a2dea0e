import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import type { Edit, Editing } from './edit.ts';

const INFO = '/var/lib/dpkg/info';

/** treefile remove-from-packages: files that a package has and whose whole path a pattern matches. */
export const removeFromPackages: Edit = {
  key: 'remove-from-packages',
  wanted: (treefile) => treefile['remove-from-packages'].length > 0,
  apply(editing) {
    for (const [name, ...patterns] of editing.treefile['remove-from-packages']) {
      const expressions = patterns.map((p) => new RegExp(`^(?:${p})$`));
      for (const path of filesOf(name, editing)) if (expressions.some((e) => e.test(path))) remove(editing.path(path));
    }
  },
};

/** The paths in dpkg's list of a package; a Multi-Arch: same package has one list per architecture. */
function filesOf(name: string, { path }: Editing): string[] {
  const info = path(INFO);
  const lists = readdirSync(info).filter(
    (f) => f === `${name}.list` || (f.startsWith(`${name}:`) && f.endsWith('.list')),
  );
  if (lists.length === 0) {
    throw new AotError('failed', `cannot remove files of '${name}': the package is not in the tree`, {
      hint: "correct 'remove-from-packages' in the treefile",
    });
  }
  return lists.flatMap((list) => readFileSync(`${info}/${list}`, 'utf8').split('\n')).filter((line) => line !== '');
}

function remove(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(file);
}
