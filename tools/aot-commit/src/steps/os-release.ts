import { AotError } from '@apt-ostree/errors';
import type { Layout } from '../layout.ts';

const FILE = 'usr/lib/os-release';

/**
 * The treefile's `mutate-os-release`: its value is the part of VERSION and PRETTY_NAME that the version of the commit
 * replaces; OSTREE_VERSION is added.
 */
export function osRelease({ tree, settings, version }: Layout): void {
  const base = settings.mutateOsRelease;
  if (base === undefined) return;
  if (version === null) {
    throw new AotError('config', "cannot use 'mutate-os-release': the commit has no version", {
      hint: "set 'automatic-version-prefix', or give --commit-version",
    });
  }
  const text = tree.readText(FILE);
  if (text === undefined) throw new AotError('failed', `cannot use 'mutate-os-release': no file '/${FILE}'`);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('OSTREE_VERSION='));
  const mutated = lines.map((line) =>
    /^(VERSION|PRETTY_NAME)=/.test(line) ? line.replace(base, () => version) : line,
  );
  tree.rewrite(FILE, [...mutated, `OSTREE_VERSION='${version}'`, ''].join('\n'));
}
