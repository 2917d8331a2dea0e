import { chmodSync, chownSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptSandbox } from '@apt-ostree/bwrap';

const PARTIAL = ['/var/lib/apt/lists/partial', '/var/cache/apt/archives/partial', '/var/lib/apt/lists/auxfiles'];

/**
 * Gives apt's download directories to its sandbox user, as apt does whenever it runs (apt.conf(5), APT::Sandbox::User):
 * here it never ran in the tree.
 */
export function aptDirectories(sandbox: ScriptSandbox): void {
  const { merged } = sandbox.overlay;
  const uid = userId(merged, '_apt');
  if (uid === undefined) return;
  for (const path of PARTIAL) {
    if (lstatSync(merged + path, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    chownSync(merged + path, uid, 0);
    chmodSync(merged + path, path.endsWith('partial') ? 0o700 : 0o755);
  }
  sandbox.recordOwn({ package: 'apt', script: 'directories' });
}

function userId(root: string, name: string): number | undefined {
  const line = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .find((l) => l.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}
