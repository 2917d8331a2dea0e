import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';
import { LintTree, type Node } from '../lint-tree.ts';

/** Reads a root file system from a directory; other file systems that are mounted in it are not entered. */
export function fromDirectory(root: string): LintTree {
  const device = rootOf(root).dev;
  const nodes = new Map<string, Node>();
  const notUtf8: string[] = [];
  const enter = (directory: Buffer, path: string): void => {
    for (const name of readdirSync(directory, { encoding: 'buffer' })) {
      const text = name.toString('utf8');
      const child = path === '' ? text : `${path}/${text}`;
      if (!isUtf8(name, text)) notUtf8.push(child);
      const place = Buffer.concat([directory, Buffer.from('/'), name]);
      const stat = lstatSync(place);
      const node = describe(place, stat, stat.dev !== device);
      if (node.type === 'link' && !isUtf8(readlinkSync(place, { encoding: 'buffer' }), node.target ?? ''))
        notUtf8.push(child);
      nodes.set(child, node);
      if (node.type === 'directory' && !node.mount) enter(place, child);
    }
  };
  try {
    enter(Buffer.from(root.replace(/\/+$/, '')), '');
  } catch (error) {
    throw explain(error, `cannot read '${root}'`);
  }
  return new LintTree(nodes, notUtf8);
}

function rootOf(root: string): Stats {
  let stat: Stats;
  try {
    stat = statSync(root);
  } catch (error) {
    throw explain(error, `cannot read '${root}'`);
  }
  if (stat.isDirectory()) return stat;
  throw new AotError('noInput', `cannot read '${root}': it is no directory`);
}

const isUtf8 = (bytes: Buffer, text: string): boolean => bytes.equals(Buffer.from(text));

function describe(place: Buffer, stat: Stats, mount: boolean): Node {
  const type = typeOf(stat);
  return {
    type,
    mode: stat.mode & 0o7777,
    size: stat.size,
    ...(type === 'link' ? { target: readlinkSync(place) } : {}),
    ...(type === 'file' ? { read: () => readFileSync(place) } : {}),
    ...(mount ? { mount } : {}),
  };
}

function typeOf(stat: Stats): Node['type'] {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'link';
  if (stat.isBlockDevice()) return 'block';
  if (stat.isCharacterDevice()) return 'char';
  return stat.isFIFO() ? 'fifo' : 'socket';
}
