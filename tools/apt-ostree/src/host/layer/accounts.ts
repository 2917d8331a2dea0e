import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { type Deployment, deploymentRoot, mergeDeployment } from '@apt-ostree/host';
import { canonicalJson } from '@apt-ostree/manifest';
import { openTree, parseGroup, parsePasswd } from '@apt-ostree/ostree';
import { readText } from '@apt-ostree/run';
import type { Target } from '../change/target.ts';

/** Numbers by name. */
export interface Accounts {
  users: Record<string, number>;
  groups: Record<string, number>;
}

/** People's accounts begin there: Debian policy section 9.2.2. */
const PEOPLE = 1000;

/**
 * The numbers that system accounts have on a machine: as its /etc has them, then as they were given to layered packages
 * before, also to some that are gone, then as the other deployments have them: files in /var may still be theirs.
 */
export function machineAccounts(target: Target): Accounts {
  const { sysroot, stateroot } = target;
  const merge = mergeDeployment(sysroot, stateroot);
  const others = sysroot.deployments.filter((d) => d.stateroot === stateroot && d !== merge);
  const etc = (d: Deployment) => parse((name) => textIfThere(join(deploymentRoot(sysroot, d), 'etc', name)));
  const all = [...(merge === undefined ? [] : [etc(merge)]), read(mapOf(target)), ...others.map(etc)];
  return { users: joined(all.map(({ users }) => users)), groups: joined(all.map(({ groups }) => groups)) };
}

/** The first to name an account, or to give a number away, is right. */
function joined(tables: readonly Record<string, number>[]): Record<string, number> {
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  for (const table of tables) {
    const fresh = Object.entries(table).filter(([name, number]) => !numbers.has(name) && !taken.has(number));
    for (const [name, number] of fresh) {
      numbers.set(name, number);
      taken.add(number);
    }
  }
  return Object.fromEntries(numbers);
}

/**
 * Whether a base leaves the numbers alone that were given on this machine. One that does not has to give way also where
 * nothing is layered any more: files in /var are still theirs. Where nothing ever was, bases decide for themselves.
 */
export function keepsAccounts(target: Target, base: string): boolean {
  if (!existsSync(mapOf(target))) return true;
  const known = machineAccounts(target);
  const { users, groups } = accountsOf(target, base);
  return agree(users, known.users) && agree(groups, known.groups);
}

function agree(base: Record<string, number>, known: Record<string, number>): boolean {
  const owners = new Map(Object.entries(known).map(([name, number]) => [number, name]));
  return Object.entries(base).every(([name, number]) =>
    Object.hasOwn(known, name) ? known[name] === number : !owners.has(number),
  );
}

function accountsOf({ sysroot }: Target, commit: string): Accounts {
  const tree = openTree(sysroot.repo, commit);
  return parse((name) => Buffer.from(tree.read(`usr/etc/${name}`) ?? []).toString('utf8'));
}

/** Keeps the numbers of accounts that a layered commit has, and its base has not, or has with another. */
export function keepAccounts(target: Target, base: string, commit: string): void {
  const [before, now] = [accountsOf(target, base), accountsOf(target, commit)];
  const fresh = (a: Record<string, number>, b: Record<string, number>) =>
    Object.fromEntries(Object.entries(b).filter(([name, number]) => a[name] !== number));
  const added = { users: fresh(before.users, now.users), groups: fresh(before.groups, now.groups) };
  const kept = read(mapOf(target));
  const all = { users: { ...added.users, ...kept.users }, groups: { ...added.groups, ...kept.groups } };
  if (canonicalJson(all) !== canonicalJson(kept)) write(mapOf(target), all);
}

/** Files in /var are owned by those numbers, so the map is there too. */
const mapOf = ({ sysroot, stateroot }: Target): string =>
  join(sysroot.path, 'ostree/deploy', stateroot, 'var/lib/apt-ostree/accounts.json');

function parse(text: (name: string) => string): Accounts {
  const system = (rows: readonly (readonly [string, number])[]) =>
    Object.fromEntries(rows.filter(([, number]) => number < PEOPLE));
  return {
    users: system(parsePasswd(text('passwd')).map((u) => [u.name, u.uid] as const)),
    groups: system(parseGroup(text('group')).map((g) => [g.name, g.gid] as const)),
  };
}

/** @throws AotError `data` for a damaged file: with other numbers than before, services would lose their files */
function read(file: string): Accounts {
  if (!existsSync(file)) return { users: {}, groups: {} };
  const text = readText(file);
  try {
    const { users, groups } = JSON.parse(text) as Accounts;
    if ([users, groups].every(isTable)) return { users, groups };
  } catch {} // said below
  throw new AotError('data', `cannot use '${file}': it is no table of users and groups`, {
    code: 'bad-accounts',
    hint: 'it keeps the numbers of system users; restore it, or remove it where no layered package has users',
  });
}

const isTable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(Number.isSafeInteger);

const textIfThere = (file: string): string => (existsSync(file) ? readText(file) : '');

function write(file: string, accounts: Accounts): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${canonicalJson(accounts)}\n`);
  renameSync(`${file}.new`, file);
}
