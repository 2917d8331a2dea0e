import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import type { Account } from './request.ts';
import type { DiskSysroot } from './sysroot.ts';
import type { DiskTree } from './tree.ts';

interface Entry {
  uid: number;
  gid: number;
  home: string;
}

/** Makes the account in the deployment's own /etc, unless the tree has it, and lets its owner in. */
export async function enable(tree: DiskTree, sysroot: DiskSysroot, account: Account): Promise<void> {
  const etc = join(sysroot.path, sysroot.deployment, 'etc');
  const state = join(sysroot.path, 'ostree/deploy', sysroot.stateroot, 'var');
  const binds = [
    { source: etc, target: '/etc', writable: true },
    { source: state, target: '/var', writable: true },
  ];
  const what = `cannot make account '${account.name}'`;
  const before = leftovers(etc);
  if (entryOf(etc, account.name) === undefined)
    await tree.run(['useradd', '--create-home', '--shell', '/bin/bash', ...groups(etc), account.name], { what, binds });
  if (account.hash !== undefined) {
    // on standard input: arguments can be seen by everybody on the machine
    const input = `${account.name}:${account.hash}\n`;
    await tree.run(['chpasswd', '--encrypted'], { what, binds, input });
  }
  for (const file of leftovers(etc)) if (!before.includes(file)) rmSync(join(etc, file));
  if (account.keys.length > 0) writeKeys(tree, state, entryOf(etc, account.name) as Entry, account.keys);
}

/** Locks, and the files as they were before. */
const leftovers = (etc: string): string[] =>
  ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid']
    .map((name) => `${name}-`)
    .concat('.pwd.lock')
    .filter((name) => existsSync(join(etc, name)));

const groups = (etc: string): string[] =>
  /^sudo:/m.test(readFileSync(join(etc, 'group'), 'utf8')) ? ['--groups', 'sudo'] : [];

function entryOf(etc: string, name: string): Entry | undefined {
  const lines = readFileSync(join(etc, 'passwd'), 'utf8').split('\n');
  const fields = lines.map((line) => line.split(':')).find((words) => words[0] === name);
  if (fields === undefined) return undefined;
  const [, , uid, gid, , home = '/'] = fields;
  return { uid: Number(uid), gid: Number(gid), home };
}

function writeKeys(tree: DiskTree, state: string, entry: Entry, keys: string[]): void {
  const home = homeBelow(tree, state, entry.home);
  const directory = join(home, '.ssh');
  const file = join(directory, 'authorized_keys');
  if (!existsSync(home)) {
    mkdirSync(home, { recursive: true });
    own(home, 0o700, entry);
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, `${keys.join('\n')}\n`);
  own(directory, 0o700, entry);
  own(file, 0o600, entry);
}

function own(path: string, mode: number, { uid, gid }: Entry): void {
  chmodSync(path, mode);
  chownSync(path, uid, gid);
}

/** Homes are reached through links of the root: /home/ada is /var/home/ada, and /root is /var/roothome. */
function homeBelow(tree: DiskTree, state: string, home: string): string {
  const [, top = '', ...rest] = home.split('/');
  const target = top === 'var' ? 'var' : linkTarget(join(tree.path, top));
  if (!/^var(\/|$)/.test(target) || rest.includes('..'))
    throw new AotError('data', `cannot write the key: the home directory '${home}' is not in '/var'`);
  return join(state, target.replace(/^var\/?/, ''), ...rest);
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // a directory of the tree, which a machine cannot write to
  }
}
