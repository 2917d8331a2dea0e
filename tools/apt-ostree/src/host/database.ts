import type { Option } from '@apt-ostree/cli';
import { choice, flag, later, laterGroup, value, word } from '../later.ts';

const REPO: Record<string, Option> = {
  repo: value('PATH', "the repository; without it, the booted sysroot's", { alias: 'r' }),
};

export const database = laterGroup(
  { name: 'db', aliases: ['rpm'], summary: 'look at the packages of commits' },
  later({
    name: 'diff',
    summary: 'show what differs between the packages of two commits',
    args: {
      from: word('FROM', 'commit, ref or version', { required: false }),
      to: word('TO', 'commit, ref or version', { required: false }),
      ...REPO,
      format: choice(['block', 'diff', 'json'], 'form of the output', { alias: 'F', default: 'block' }),
      changelogs: flag('also show the changelogs', { alias: 'c' }),
      sysroot: value('SYSROOT', 'work on this sysroot', { default: '/' }),
      base: flag('compare the bases of layered commits'),
      advisories: flag('also list the advisories', { alias: 'a' }),
    },
  }),
  later({
    name: 'list',
    summary: 'list the packages of commits',
    args: {
      revision: word('REV', 'commits or refs, then the beginnings of package names', { multiple: true }),
      ...REPO,
      advisories: flag('also list the advisories', { alias: 'a' }),
    },
  }),
  later({
    name: 'version',
    summary: 'show a digest of the package database of commits',
    args: { commit: word('COMMIT', 'commits or refs', { multiple: true }), ...REPO },
  }),
);
