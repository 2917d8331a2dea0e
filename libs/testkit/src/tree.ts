import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * A tree as text, for comparisons: each path below `root` with what it is: `dir 0755 0:0`, `file 0644 0:0 <sha256, 12
 * digits>`, `link → target`, `char 0600 0:0 1:3`, `block ...`, `fifo 0644 0:0`, `socket ...`. No times.
 */
export function tree(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (below: string) => {
    for (const name of readdirSync(join(root, below)).sort()) {
      const path = join(below, name);
      const stat = lstatSync(join(root, path));
      found[path] = describe(join(root, path), stat);
      if (stat.isDirectory()) walk(path);
    }
  };
  walk('');
  return found;
}

function describe(path: string, stat: Stats): string {
  const access = `${(stat.mode & 0o7777).toString(8).padStart(4, '0')} ${stat.uid}:${stat.gid}`;
  if (stat.isSymbolicLink()) return `link → ${readlinkSync(path)}`;
  if (stat.isDirectory()) return `dir ${access}`;
  if (stat.isFile()) return `file ${access} ${digest(path)}`;
  if (stat.isFIFO()) return `fifo ${access}`;
  if (stat.isSocket()) return `socket ${access}`;
  return `${stat.isBlockDevice() ? 'block' : 'char'} ${access} ${numbers(stat.rdev)}`;
}

const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 12);

/** Linux's encoding of device numbers, for those below 2^32. */
const numbers = (rdev: number): string => `${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}`;
