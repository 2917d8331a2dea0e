import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { TOP } from './checkout.ts';
import type { RealTree } from './real-tree.ts';

const NAME = 'apt-ostree-test';

export interface OrdinaryUser {
  home: string;
  /** Argument vector that runs what follows as the user. */
  prefix: string[];
  /** The user's own copy of the tools: the checkout may be closed to others. */
  program(tool: string): string;
  remove(): Promise<void>;
}

/** An ordinary user with a range of subordinate ids, as useradd gives one. */
export async function ordinaryUser(): Promise<OrdinaryUser> {
  await run('userdel', ['--remove', NAME], { ok: 'any' });
  await run('useradd', ['--create-home', '--shell', '/bin/bash', '--add-subids-for-system', NAME]);
  const { stdout } = await run('getent', ['passwd', NAME]);
  const [, , uid, gid, , home] = stdout.trim().split(':') as [string, string, string, string, string, string];
  copyTools(join(home, 'tools'));
  await run('chown', ['--recursive', `${uid}:${gid}`, home]);
  return {
    home,
    prefix: ['setpriv', '--reuid', uid, '--regid', gid, '--init-groups', '--reset-env', '--'],
    program: (tool) => join(home, 'tools', tool, 'bin', `${tool}.js`),
    remove: async () => {
      await run('pkill', ['--uid', uid], { ok: 'any' });
      rmSync(home, { recursive: true, force: true });
      await run('userdel', ['--remove', NAME], { ok: 'any' });
    },
  };
}

/**
 * Composes an example as an ordinary user, from the lock of a tree that root composed, with empty caches.
 * @returns the commit, whose repository passed ostree fsck
 */
export async function commitOfUser(tree: RealTree, example: string): Promise<string> {
  const user = await ordinaryUser();
  const at = (path: string) => join(user.home, path);
  try {
    cpSync(join(TOP, 'docs/examples'), at('examples'), { recursive: true });
    cpSync(tree.lockFile, at('lock.json'));
    const [program = '', ...prefix] = user.prefix;
    const args = ['compose', 'tree', '--repo', at('repo'), '--cachedir', at('cache'), '--strict-var'];
    const words = [...args, '--lockfile', at('lock.json'), at(`examples/${example}.yaml`)];
    const options = { cwd: user.home, env: { HOME: user.home } };
    await run(program, [...prefix, process.execPath, user.program('apt-ostree'), ...words], options);
    await run('ostree', ['fsck', '--quiet', '--repo', at('repo')]);
    return (await run('ostree', ['rev-parse', '--repo', at('repo'), tree.commit.ref as string])).stdout.trim();
  } finally {
    await user.remove();
  }
}

function copyTools(target: string): void {
  for (const tool of readdirSync(join(TOP, 'tools'))) {
    mkdirSync(join(target, tool), { recursive: true });
    for (const part of ['bin', 'dist', 'package.json'])
      cpSync(join(TOP, 'tools', tool, part), join(target, tool, part), { recursive: true });
  }
}
