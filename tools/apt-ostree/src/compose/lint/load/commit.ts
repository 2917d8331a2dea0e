import { FileObjects, type ListedEntry, listTree, openTree, readCommit, resolveRevision } from '@apt-ostree/ostree';
import { LintTree, type Node } from '../lint-tree.ts';

/** A commit's tree as an image or a deployment shows it, and whether it is one for containers. */
export async function fromCommit(repo: string, revision: string): Promise<{ tree: LintTree; container: boolean }> {
  const commit = resolveRevision(repo, revision);
  const { metadata } = readCommit(repo, commit);
  const entries = listTree(repo, commit).filter(({ path }) => path !== '');
  const contents = openTree(repo, commit);
  const objects = new FileObjects(repo);
  await objects.prepare(entries.flatMap((entry) => (entry.type === 'file' ? [entry.object] : [])));
  const both = entries.some(({ path }) => path === 'etc');
  const nodes = entries.map((entry): [string, Node] => [
    both ? entry.path : entry.path.replace(/^usr\/etc(?=\/|$)/, 'etc'),
    describe(entry, objects, contents),
  ]);
  return { tree: new LintTree(new Map(nodes)), container: isContainer(metadata['aptostree.treefile']) };
}

function describe(entry: ListedEntry, objects: FileObjects, contents: ReturnType<typeof openTree>): Node {
  if (entry.type === 'directory') return { type: 'directory', mode: 0o755, size: 0 };
  const { mode, size, target } = objects.read(entry.object);
  if (target !== undefined) return { type: 'link', mode: 0o777, size: 0, target };
  const read = () => contents.read(entry.path) ?? new Uint8Array(0);
  return { type: 'file', mode: mode & 0o7777, size, read };
}

/** The treefile that the commit carries, where it is one of ours. */
function isContainer(treefile: unknown): boolean {
  if (typeof treefile !== 'string') return false;
  try {
    return (JSON.parse(treefile) as { container?: unknown } | null)?.container === true;
  } catch {
    return false;
  }
}
