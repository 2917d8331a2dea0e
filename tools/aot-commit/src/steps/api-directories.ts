import type { Layout } from '../layout.ts';

/** Directories that something is mounted on, with their modes; what a build left in them never reaches a machine. */
const MOUNTED: Record<string, number> = { dev: 0o755, proc: 0o555, run: 0o755, sys: 0o555, tmp: 0o1777 };

/** Makes the mount points of the file system hierarchy, empty. */
export function apiDirectories({ tree }: Layout): void {
  for (const [path, mode] of Object.entries(MOUNTED)) {
    tree.remove(path);
    tree.mkdir(path, { mode });
  }
}
