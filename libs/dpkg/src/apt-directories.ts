import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where apt downloads to before it has verified anything. */
const PARTIAL = ['var/lib/apt/lists/partial', 'var/cache/apt/archives/partial'];

/**
 * Makes apt's download directories as apt makes them at its first run: 0700 and owned by the user `_apt`, where the
 * tree has one. To be called once base-passwd and apt are configured.
 */
export function aptDirectories(rootfs: string): void {
  const uid = /^_apt:[^:]*:(\d+):/m.exec(readFileSync(join(rootfs, 'etc/passwd'), 'utf8'))?.[1];
  if (uid === undefined) return;
  for (const path of PARTIAL) {
    mkdirSync(join(rootfs, path), { recursive: true, mode: 0o755 });
    chmodSync(join(rootfs, path), 0o700);
    chownSync(join(rootfs, path), Number(uid), 0);
  }
}
