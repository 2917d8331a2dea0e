import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INFO, infoName, type PackageName } from '../info-name.ts';

/** The absolute paths that an installed package owns, as its .list has them. @throws when there is no such list */
export const listFiles = (rootfs: string, p: PackageName): string[] =>
  readFileSync(join(rootfs, INFO, `${infoName(p)}.list`), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && line !== '/.');
