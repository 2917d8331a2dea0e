import type { Lint } from '../lint.ts';
import type { LintTree } from '../lint-tree.ts';

const DIRECTORY = 'usr/lib/sysusers.d';

export const sysusers: Lint = {
  name: 'sysusers',
  severity: 'warning',
  summary: 'users and groups of /etc/passwd and /etc/group are declared in /usr/lib/sysusers.d',
  check({ tree }) {
    const { users, groups } = declared(tree);
    const missing = (file: string, known: ReadonlySet<string>) => names(tree, file).filter((name) => !known.has(name));
    return [
      ...missing('etc/passwd', users).map((name) => `the user '${name}' has no line in /${DIRECTORY}`),
      ...missing('etc/group', groups).map((name) => `the group '${name}' has no line in /${DIRECTORY}`),
    ];
  },
};

/** A user's line makes the group of that name too. */
function declared(tree: LintTree): { users: Set<string>; groups: Set<string> } {
  const users = new Set<string>();
  const groups = new Set<string>();
  for (const name of tree.list(DIRECTORY).filter((n) => n.endsWith('.conf'))) {
    for (const line of (tree.text(`${DIRECTORY}/${name}`) ?? '').split('\n')) {
      const [type = '', account] = line.trim().split(/\s+/);
      if (account === undefined) continue;
      if (/^u!?$/.test(type)) users.add(account);
      if (/^(?:u!?|g)$/.test(type)) groups.add(account);
    }
  }
  return { users, groups };
}

const rows = (tree: LintTree, file: string): string[][] =>
  (tree.text(file) ?? '')
    .split('\n')
    .filter((line) => !/^(?:#|\s*$)/.test(line))
    .map((line) => line.split(':'));

/** Lines of NIS (`+`) name nobody. */
const names = (tree: LintTree, file: string): string[] =>
  rows(tree, file).flatMap(([name]) => (name && !/^[+-]/.test(name) ? [name] : []));

export const emptyPassword: Lint = {
  name: 'empty-password',
  severity: 'error',
  summary: 'no account lets everybody in without a password',
  check: ({ tree }) =>
    rows(tree, 'etc/shadow')
      .filter(([name, password]) => name && password === '')
      .map(([name]) => `the account '${name}' has an empty password`),
};
