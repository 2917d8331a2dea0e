import { parseStatus } from '@apt-ostree/dpkg';
import type { Lint } from '../lint.ts';
import type { LintTree } from '../lint-tree.ts';

const STATUS = ['usr/lib/sysimage/dpkg/status', 'var/lib/dpkg/status'];

export const dpkgDatabase: Lint = {
  name: 'dpkg-database',
  severity: 'error',
  summary: "dpkg's database is in /usr: /var belongs to the machine, and would go on saying what was there at first",
  check({ tree }) {
    const path = STATUS.find((status) => tree.text(status) !== undefined);
    if (path === undefined) return [`there is no database of dpkg: no /${STATUS[0]}`];
    return tree.resolve(path, true)?.startsWith('var/') ? [`dpkg's database is in /var: /${path}`] : [];
  },
};

/** Debian's name of the architecture that the tree is for: dpkg's own. */
export function architectureOf(tree: LintTree): string | undefined {
  const text = STATUS.map((path) => tree.text(path)).find((status) => status !== undefined) ?? '';
  const stanzas = parseStatus(text);
  return stanzas.find((stanza) => stanza.get('Package') === 'dpkg')?.get('Architecture') ?? undefined;
}

export const osRelease: Lint = {
  name: 'os-release',
  severity: 'error',
  summary: '/usr/lib/os-release says which system it is',
  check({ tree }) {
    const text = tree.text('usr/lib/os-release');
    if (text === undefined) return ['there is no /usr/lib/os-release'];
    return /^ID=./m.test(text) ? [] : ["/usr/lib/os-release has no 'ID'"];
  },
};
