import { type Origin, readConfiguration } from '@apt-ostree/host';
import type { CommitInfo } from '@apt-ostree/ostree';
import { CONFIGURATION } from '@apt-ostree/pipeline';
import { asTreefile } from '@apt-ostree/treefile/flat';

/** What of a base's treefile holds for every tree that is made from it: its layout. */
const OF_BASE = [
  ...['opt-usrlocal', 'tmp-is-dir', 'machineid-compat', 'ignore-devices', 'readonly-executables', 'container'],
  ...['no-initramfs', 'initramfs-args', 'documentation', 'install-langs', 'recommends'],
] as const;

/** The treefile of a layer: what is asked for, in the layout of the base. Indices change more often than what comes of them. */
export function layerTreefile(base: CommitInfo, origin: Origin): Record<string, unknown> {
  const here = new Set((base.packages ?? []).map((p) => p.name));
  const replacing = fromRepos(origin)
    .map(({ repo, packages }) => ({ repo, packages: packages.filter((name) => here.has(name)) }))
    .filter(({ packages }) => packages.length > 0);
  const of = treefileOf(base);
  const { recommends } = readConfiguration(CONFIGURATION);
  const taken = OF_BASE.flatMap((key) => (of[key] === undefined ? [] : [[key, of[key]]]));
  return {
    ...Object.fromEntries(taken),
    ...(recommends === undefined ? {} : { recommends }),
    'repo-metadata': 'disabled',
    'preserve-passwd': false, // numbers are the machine's, and a new account of the base may have to give way
    packages: origin.packages.requested,
    ...(replacing.length > 0 ? { 'repo-packages': replacing } : {}),
  };
}

export interface FromRepo {
  /** A source, or a suite. */
  repo: string;
  packages: string[];
}

/** Replacements from archives stand in an origin as `repo=NAME,PACKAGE,PACKAGE`. */
export const fromRepos = ({ overrides }: Origin): FromRepo[] =>
  overrides.replace.flatMap((row) => {
    const [source = '', ...packages] = row.split(',');
    return source.startsWith('repo=') ? [{ repo: source.slice('repo='.length), packages }] : [];
  });

function treefileOf({ metadata }: CommitInfo): Record<string, unknown> {
  const text = metadata['aptostree.treefile'];
  if (typeof text !== 'string') return {};
  try {
    return asTreefile(JSON.parse(text) as Record<string, unknown>) as unknown as Record<string, unknown>;
  } catch {
    return {};
  }
}
