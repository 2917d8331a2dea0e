import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { accounts, parseGroup, parsePasswd } from '../accounts.ts';
import type { Layout } from '../layout.ts';
import type { AccountCheck } from '../settings.ts';

/** Numbers by name: [gid] of a group, [uid, gid] of a user; a table may leave out the gid. */
type Numbers = Map<string, readonly number[]>;

/**
 * The treefile's `check-passwd` and `check-groups`: no user or group of the comparison may be gone or have another
 * number, as files on machines are owned by those numbers. New ones are fine.
 */
export async function checkAccounts(layout: Layout, sourceRoot: string): Promise<void> {
  const { settings: s, tree } = layout;
  const now = accounts(tree);
  const users: Numbers = new Map(now.users.map((u) => [u.name, [u.uid, u.gid]]));
  const groups: Numbers = new Map(now.groups.map((g) => [g.name, [g.gid]]));
  const oldUsers = await expected(layout, s.checkPasswd, 'passwd', sourceRoot);
  const oldGroups = await expected(layout, s.checkGroups, 'group', sourceRoot);
  const problems = [
    ...compare('user', oldUsers, users, s.ignoreRemovedUsers),
    ...compare('group', oldGroups, groups, s.ignoreRemovedGroups),
  ];
  if (problems.length === 0) return;
  throw new AotError('failed', `cannot keep the numbers of users and groups: ${problems.join('; ')}`, {
    hint: 'set ignore-removed-users, ignore-removed-groups, check-passwd or check-groups in the treefile',
    code: 'account-check',
  });
}

async function expected(
  layout: Layout,
  check: AccountCheck,
  file: 'passwd' | 'group',
  sourceRoot: string,
): Promise<Numbers> {
  if (check.type === 'none') return new Map();
  if (check.type === 'data') return new Map(Object.entries(check.entries ?? {}).map(([n, v]) => [n, [v].flat()]));
  const text =
    check.type === 'previous' ? await layout.readParent(`usr/etc/${file}`) : beside(sourceRoot, check.filename);
  return file === 'passwd'
    ? new Map(parsePasswd(text ?? '').map((u) => [u.name, [u.uid, u.gid]]))
    : new Map(parseGroup(text ?? '').map((g) => [g.name, [g.gid]]));
}

function beside(sourceRoot: string, filename: string | undefined): string {
  const path = join(sourceRoot, filename ?? '');
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read '${path}'`);
  }
}

function compare(what: string, before: Numbers, now: Numbers, ignored: readonly string[]): string[] {
  return [...before].flatMap(([name, numbers]) => {
    const have = now.get(name);
    if (have === undefined) return ignored.includes('*') || ignored.includes(name) ? [] : [`${what} '${name}' is gone`];
    const differs = numbers.some((n, i) => n !== have[i]);
    return differs
      ? [`${what} '${name}' was ${numbers.join(':')} and is ${have.slice(0, numbers.length).join(':')}`]
      : [];
  });
}
