import { chmodSync } from 'node:fs';
import type { Layout } from '../layout.ts';

const WRITE = 0o222;
const EXECUTE = 0o111;

/** The treefile's `readonly-executables`: nobody, not even root, may write to a program in /usr. */
export function readonlyExecutables({ tree, settings }: Layout): void {
  if (!settings.readonlyExecutables) return;
  for (const { path, stat } of tree.walk('usr')) {
    if (!stat.isFile() || (stat.mode & EXECUTE) === 0 || (stat.mode & WRITE) === 0) continue;
    tree.unshare(path);
    chmodSync(tree.at(path), stat.mode & 0o7777 & ~WRITE);
  }
}
