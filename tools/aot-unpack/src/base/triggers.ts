import { readFileSync } from 'node:fs';
import { INFO, infoName } from '@apt-ostree/dpkg';
import type { BareRepo, Tree } from '@apt-ostree/ostree';
import type { Member } from '../member.ts';

const TRIGGERS = 'var/lib/dpkg/triggers';

/**
 * Does to dpkg's triggers what unpacking packages does (deb-triggers(5), and the file formats of dpkg's lib/dpkg/triglib.c):
 * what they are interested in is registered, and triggers of files that they ship are activated, without anybody who awaits
 * them. dpkg takes that up when it runs next.
 */
export function updateTriggers(tree: Tree, members: readonly Member[], repo: BareRepo): void {
  const interests = members.flatMap((member) => interestsOf(member, repo));
  for (const { name, line } of interests.filter((i) => !i.name.startsWith('/')))
    append(tree, `${TRIGGERS}/${name}`, [line]);
  append(
    tree,
    `${TRIGGERS}/File`,
    interests.filter((i) => i.name.startsWith('/')).map(({ name, line }) => `${name} ${line}`),
  );
  append(tree, `${TRIGGERS}/Unincorp`, activated(tree, members));
}

interface Interest {
  name: string;
  /** The package, with how it is interested. */
  line: string;
}

function interestsOf({ record }: Member, repo: BareRepo): Interest[] {
  const entry = record.entries.find((e) => e.path === `${INFO}/${infoName(record)}.triggers`);
  if (entry?.type !== 'file') return [];
  const text = readFileSync(repo.objectPath(entry.object, 'file'), 'utf8');
  return text.split('\n').flatMap((line) => {
    const [, how = '', name = ''] = /^\s*interest(-await|-noawait)?\s+(\S+)/.exec(line) ?? [];
    if (name === '') return [];
    return [{ name, line: `${infoName(record)}${how === '-noawait' ? '/noawait' : ''}` }];
  });
}

/** Triggers of files: whatever is at the path or below it activates them. */
function activated(tree: Tree, members: readonly Member[]): string[] {
  const names = (tree.readText(`${TRIGGERS}/File`) ?? '').split('\n').map((line) => line.split(' ')[0] ?? '');
  const waiting = new Set(names.filter((name) => name !== ''));
  const found = new Set<string>();
  for (const { record } of members)
    for (const { path } of record.entries)
      for (const name of waiting) if (`/${path}/`.startsWith(`${name}/`)) found.add(name);
  return [...found].sort().map((name) => `${name} -`);
}

function append(tree: Tree, path: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const text = lines.map((line) => `${line}\n`).join('');
  tree.write(path, (tree.readText(path) ?? '') + text);
}
