import { readdirSync, readFileSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';

/** The text of a file. @throws AotError that names it */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read '${file}'`);
  }
}

/** The names in a directory; none where there is none. @throws AotError that names it */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw explain(error, `cannot read '${directory}'`);
  }
}
