import { machine } from 'node:os';
import { loadTreefile } from '@apt-ostree/treefile';

/** `--print-only`: the flattened treefile as JSON. */
export async function printTreefile(file: string): Promise<string> {
  const { treefile } = await loadTreefile(file, { architecture: machine() });
  return `${JSON.stringify(treefile, null, 2)}\n`;
}
