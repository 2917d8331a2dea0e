import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ScriptSandbox } from '@apt-ostree/bwrap';
import { beneath } from '../edits/beneath.ts';

const INFO = '/var/lib/dpkg/info';

/**
 * Writes the md5sums files of packages that brought none, as dpkg does when it unpacks (since 1.16.3), without which
 * dpkg --audit complains. To be called before any script ran: then files are what the packages brought.
 */
export function missingHashes(sandbox: ScriptSandbox): void {
  const { merged } = sandbox.overlay;
  const info = beneath(merged, INFO);
  const names = new Set(readdirSync(info));
  for (const name of names) {
    const hashes = name.replace(/\.list$/, '.md5sums');
    if (!name.endsWith('.list') || names.has(hashes)) continue;
    writeFileSync(`${info}/${hashes}`, hashesOf(merged, `${info}/${name}`));
  }
  sandbox.recordOwn({ package: 'dpkg', script: 'unpack' });
}

/** Conffiles have their hashes in dpkg's status; at this point they lie beside their places. */
function hashesOf(root: string, list: string): string {
  const paths = readFileSync(list, 'utf8')
    .split('\n')
    .filter((path) => path !== '');
  const lines = paths.flatMap((path) => {
    const file = beneath(root, path);
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return [];
    return `${createHash('md5').update(readFileSync(file)).digest('hex')}  ${path.slice(1)}\n`;
  });
  return lines.join('');
}
