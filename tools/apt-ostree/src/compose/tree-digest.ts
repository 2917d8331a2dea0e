import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { run } from '@apt-ostree/run';

/** A digest of a tree: names, types, modes, owners, contents and extended attributes, but no times. */
export async function treeDigest(root: string): Promise<string> {
  const digest = createHash('sha256');
  visit(root, '', digest);
  digest.update(await extendedAttributes(root));
  return digest.digest('hex');
}

function visit(root: string, path: string, digest: Hash): void {
  const file = `${root}${path}`;
  const stat = lstatSync(file);
  digest.update(`${path}\0${stat.mode} ${stat.uid} ${stat.gid} ${stat.rdev}\0`);
  if (stat.isSymbolicLink()) digest.update(`${readlinkSync(file)}\0`);
  else if (stat.isFile()) digest.update(createHash('sha256').update(readFileSync(file)).digest());
  else if (stat.isDirectory()) for (const name of readdirSync(file).sort()) visit(root, `${path}/${name}`, digest);
}

/** In an order of our own, since getfattr keeps the directory's. */
async function extendedAttributes(root: string): Promise<string> {
  const args = ['--recursive', '--physical', '--no-dereference', '--dump', '--encoding=hex', '--match=-', '--', '.'];
  const { stdout } = await run('getfattr', args, { cwd: root, what: `cannot read extended attributes of '${root}'` });
  return stdout.split('\n\n').sort().join('\n\n');
}
