import type { Tree } from './tree.ts';

export interface User {
  name: string;
  uid: number;
  gid: number;
  gecos: string;
  home: string;
  shell: string;
}

export interface Group {
  name: string;
  gid: number;
  members: readonly string[];
}

/** Parses passwd(5); lines that are no entries are skipped. */
export const parsePasswd = (text: string): User[] =>
  rows(text, 7).map(([name, , uid, gid, gecos, home, shell]) => ({
    name: name as string,
    uid: Number(uid),
    gid: Number(gid),
    gecos: gecos as string,
    home: home as string,
    shell: shell as string,
  }));

/** Parses group(5); lines that are no entries are skipped. */
export const parseGroup = (text: string): Group[] =>
  rows(text, 4).map(([name, , gid, members]) => ({
    name: name as string,
    gid: Number(gid),
    members: (members as string).split(',').filter(Boolean),
  }));

const rows = (text: string, fields: number): string[][] =>
  text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((row) => row.length === fields && row[0] !== '' && /^\d+$/.test(row[2] as string));

/** The users and groups of a tree, before or after /etc has moved. */
export function accounts(tree: Tree): { users: User[]; groups: Group[] } {
  const read = (name: string) => tree.readText(`etc/${name}`) ?? tree.readText(`usr/etc/${name}`) ?? '';
  return { users: parsePasswd(read('passwd')), groups: parseGroup(read('group')) };
}
