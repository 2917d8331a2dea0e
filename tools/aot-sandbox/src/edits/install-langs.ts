import { lstatSync, readdirSync, rmSync } from 'node:fs';
import type { Edit } from './edit.ts';

/** Where translations lie: one directory per locale. */
const DIRECTORIES = ['/usr/share/locale', '/usr/share/man'];

/** What looks like a locale's directory: de, pt_BR, sr@latin, zh_Hans, C.UTF-8; not man1, and not locale.alias. */
const LOCALE = /^([a-z]{2,3})(?:_[A-Za-z]{2,4})?(?:\.[A-Za-z0-9-]+)?(?:@\w+)?$/;

/** treefile install-langs: translations to other languages go. A language without a country keeps all its countries'. */
export const installLangs: Edit = {
  key: 'install-langs',
  wanted: (treefile) => treefile['install-langs'] !== undefined,
  apply({ treefile, path }) {
    const wanted = treefile['install-langs'] as string[];
    for (const directory of DIRECTORIES.map(path)) {
      if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
      for (const name of readdirSync(directory))
        if (LOCALE.test(name) && !isWanted(name, wanted)) rmSync(`${directory}/${name}`, { recursive: true });
    }
  },
};

/** `de` keeps de, de_AT, de@hebrew; `pt_BR` keeps pt_BR and its base pt; `en_GB.UTF-8` is en_GB. */
export function isWanted(name: string, wanted: readonly string[]): boolean {
  const language = LOCALE.exec(name)?.[1];
  const plain = name.replace(/\..*/, '');
  return wanted
    .map((w) => w.replace(/\..*/, ''))
    .some((w) => w === plain || w === language || (plain === language && w.split(/[_@]/)[0] === language));
}
