import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';

/** The system users of a further version. */
export const ADDED = ['lab-newa', 'lab-newb'] as const;

/**
 * Writes what a compose writes for two more system users into a tree that is committed over a ref.
 * @param number what the first has; the second has the next one below that the ref gives to nobody
 */
export async function addAccounts(repo: string, ref: string, tree: string, number: number): Promise<void> {
  const read = async (path: string) => (await run('ostree', ['cat', `--repo=${repo}`, ref, `/${path}`])).stdout;
  const there = `${await read('usr/etc/passwd')}${await read('usr/etc/group')}`;
  let other = number - 1;
  while (there.includes(`:${other}:`)) other--;
  const rows = [
    [ADDED[0], number],
    [ADDED[1], other],
  ] as const;
  for (const [path, mode, line] of FILES) {
    const file = join(tree, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${await read(path)}${rows.map(([name, id]) => `${line(name, id)}\n`).join('')}`);
    chmodSync(file, mode);
  }
}

/** Of the files with secrets the machine has its own by then: accounts were added to it. */
const FILES: [path: string, mode: number, line: (name: string, id: number) => string][] = [
  ['usr/etc/passwd', 0o644, (name, id) => `${name}:x:${id}:${id}::/nonexistent:/usr/sbin/nologin`],
  ['usr/etc/group', 0o644, (name, id) => `${name}:x:${id}:`],
  ['usr/etc/shadow', 0o640, (name) => `${name}:!:20000::::::`],
  ['usr/etc/gshadow', 0o640, (name) => `${name}:!::`],
  [
    'usr/lib/sysusers.d/aot.conf',
    0o644,
    (name, id) => `g ${name} ${id}\nu ${name} ${id}:${id} - /nonexistent /usr/sbin/nologin`,
  ],
];
