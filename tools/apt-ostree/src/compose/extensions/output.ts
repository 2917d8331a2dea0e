import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { archivePath } from '@apt-ostree/manifest';
import { makeDirectories, replaceFile, replaceWith } from '@apt-ostree/run';
import { INDEX, type State } from './state.ts';

/** Puts the packages into the directory, then says so in extensions.json, then removes what an earlier one named alone. */
export function publish(directory: string, state: State, cachedir: string): void {
  makeDirectories(directory, { what: `cannot make '${directory}'` });
  const before = filesOf(join(directory, INDEX));
  for (const [name, sha256] of state.files) put(join(cachedir, archivePath(sha256)), join(directory, name));
  replaceFile(join(directory, INDEX), state.text);
  for (const name of before.filter((n) => !state.files.has(n))) rmSync(join(directory, name), { force: true });
}

const put = (from: string, to: string): void => replaceWith(to, (temporary) => copyFileSync(from, temporary));

/** Only plain names of packages: the file may be anybody's. */
function filesOf(index: string): string[] {
  if (!existsSync(index)) return [];
  try {
    const { packages } = JSON.parse(readFileSync(index, 'utf8')) as { packages: { file: string }[] };
    return packages.map(({ file }) => file).filter((name) => /^[^/]+\.deb$/.test(name));
  } catch {
    return [];
  }
}
