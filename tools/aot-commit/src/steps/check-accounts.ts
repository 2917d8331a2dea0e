import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { accounts, parseGroup, parsePasswd } from '@apt-ostree/ostree';
import { readText } from '@apt-ostree/run';
import { verifyInputs } from '@apt-ostree/treefile/flat';
import type { Layout } from '../layout.ts';
import type { AccountCheck } from '../settings.ts';

/** Numbers by name: [gid] of a group, [uid, gid] of a user; a table may leave out the gid. */
type Numbers = Map<string, readonly number[]>;

/**
 * The treefile's `check-passwd` and `check-groups`, which `preserve-passwd` turns on: no user or group of the comparison may be gone or have another
 * number, as files on machines are owned by those numbers. New ones are fine. Its `etc-group-members` are groups that must
 * be there at all.
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
  if (problems.length > 0) throw notKept(problems);
  const missing = s.etcGroupMembers.filter((name) => !groups.has(name));
  if (missing.length > 0) throw noSuchGroups(missing);
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
    check.type === 'previous' ? await layout.readParent(`usr/etc/${file}`) : beside(layout, sourceRoot, check.filename);
  return file === 'passwd'
    ? new Map(parsePasswd(text ?? '').map((u) => [u.name, [u.uid, u.gid]]))
    : new Map(parseGroup(text ?? '').map((g) => [g.name, [g.gid]]));
}

/** The file is what it was when the treefile was read. */
function beside({ manifest }: Layout, sourceRoot: string, filename = ''): string {
  verifyInputs(
    manifest.inputs.filter((input) => input.path === filename),
    sourceRoot,
  );
  return readText(join(sourceRoot, filename));
}

interface Problem {
  text: string;
  /** What the treefile can say about it. */
  wayOut: string;
}

function compare(what: 'user' | 'group', before: Numbers, now: Numbers, ignored: readonly string[]): Problem[] {
  const key = what === 'user' ? 'check-passwd' : 'check-groups';
  return [...before].flatMap(([name, numbers]): Problem[] => {
    const have = now.get(name);
    if (have === undefined) {
      if (ignored.includes('*') || ignored.includes(name)) return [];
      return [{ text: `${what} '${name}' is gone`, wayOut: `'ignore-removed-${what}s: [${name}]'` }];
    }
    if (numbers.every((n, i) => n === have[i])) return [];
    const is = have.slice(0, numbers.length).join(':');
    return [{ text: `${what} '${name}' was ${numbers.join(':')} and is ${is}`, wayOut: `'${key}: {type: none}'` }];
  });
}

function notKept(problems: readonly Problem[]): AotError {
  const ways = [...new Set(problems.map((p) => p.wayOut))].join(', ');
  return new AotError(
    'failed',
    `cannot keep the numbers of users and groups: ${problems.map((p) => p.text).join('; ')}`,
    {
      hint: `accept it with ${ways} in the treefile, or create the account with its old number in a package of your own`,
      code: 'account-check',
    },
  );
}

const noSuchGroups = (names: readonly string[]): AotError =>
  new AotError('failed', `cannot keep groups in /etc/group: ${names.map((n) => `'${n}'`).join(', ')} not in the tree`, {
    hint: "take them out of 'etc-group-members', or add the packages that create them",
  });
