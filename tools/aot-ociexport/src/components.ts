import { readFileSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';

/**
 * Reads which paths are to have a layer of their own: a JSON object of paths in the image and names of components.
 * @throws AotError `data` for anything else
 */
export function readComponents(file: string): ReadonlyMap<string, string> {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw unfit(file, 'it is not JSON');
    throw explain(error, `cannot read the components '${file}'`);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw unfit(file, 'it is not an object');
  const rows = Object.entries(document as Record<string, unknown>).map(([path, name]) => {
    if (typeof name !== 'string' || name === '' || name.includes('\n')) throw unfit(file, `'${path}' has no name`);
    return [path.replace(/^\/+/, ''), name] as const;
  });
  return new Map(rows);
}

const unfit = (file: string, why: string): AotError =>
  new AotError('data', `cannot use the components '${file}': ${why}`, { code: 'bad-components' });
