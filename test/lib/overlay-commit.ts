import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';

export interface Change {
  version: string;
  /** By their path in the commit. */
  files: Record<string, string>;
  /** Another initramfs, so that a deployment has to copy kernels: zeros after its archives mean nothing to the kernel. */
  newInitramfs?: boolean;
  /** Further changes in the directory that has them. */
  edit?: (directory: string) => Promise<unknown>;
}

/** Commits files over what a ref names, with the attributes that they have here; everything else stays as it is. */
export async function overlayCommit(repo: string, ref: string, change: Change): Promise<string> {
  const tree = mkdtempSync(join(dirname(repo), 'change-'));
  chmodSync(tree, 0o755); // it becomes the root of the commit
  for (const [path, text] of Object.entries(change.files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  if (change.newInitramfs) await otherInitramfs(repo, ref, tree);
  await change.edit?.(tree);
  const metadata = ['--add-metadata-string', `version=${change.version}`, '--keep-metadata=aptostree.packages'];
  const trees = [`--tree=ref=${ref}`, `--tree=dir=${tree}`];
  const args = ['commit', `--repo=${repo}`, `--branch=${ref}`, '--fsync=false', ...metadata, ...trees];
  const { stdout } = await run('unshare', [...asRoot(), 'ostree', ...args]);
  rmSync(tree, { recursive: true });
  return stdout.trim();
}

/** What we write here belongs to root in the commit. */
const asRoot = (): string[] => (process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']);

async function otherInitramfs(repo: string, ref: string, tree: string): Promise<void> {
  const list = await run('ostree', ['ls', `--repo=${repo}`, '--nul-filenames-only', ref, '/usr/lib/modules']);
  const modules = list.stdout.split('\0').find((path) => path.startsWith('/usr/lib/modules/')) as string;
  const directory = join(tree, modules);
  mkdirSync(directory, { recursive: true });
  await run('ostree', [
    'checkout',
    `--repo=${repo}`,
    '--user-mode',
    '--union',
    `--subpath=${modules}/initramfs.img`,
    ref,
    directory,
  ]);
  appendFileSync(join(directory, 'initramfs.img'), Buffer.alloc(4096));
}
