import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';

/** The cache has a ref for each package: none of them is a system. */
const PACKAGES = 'refs/heads/aot/pkg';

/** The commits that a repository's refs name. */
export const currentRefs = (repo: string): string[] =>
  files(repo, 'refs').map((file) => readFileSync(join(repo, file), 'utf8').trim());

function files(repo: string, directory: string): string[] {
  if (directory === PACKAGES) return [];
  return entries(join(repo, directory)).flatMap((e) => {
    const path = `${directory}/${e.name}`;
    return e.isDirectory() ? files(repo, path) : [path];
  });
}

function entries(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw explain(error, `cannot read '${directory}'`);
  }
}
