import type { CompleteTreefile, Treefile } from './treefile-type.ts';

/** The defaults of treefile(5); a test holds them against the table of keys. */
const defaults = () => ({
  metadata: {},
  repovars: {},
  'lockfile-repos': [],
  'trusted-repos': [],
  'machine-repos': false,
  selinux: false as const,
  'ignore-devices': true,
  sysusers: 'compose-auto' as const,
  packages: [],
  'repo-packages': [],
  'exclude-packages': [],
  'ostree-layers': [],
  'ostree-override-layers': [],
  container: false,
  recommends: true,
  documentation: true,
  'initramfs-args': ['--no-hostonly'],
  'no-initramfs': false,
  'readonly-executables': false,
  'boot-location': 'modules' as const,
  'tmp-is-dir': true,
  'opt-usrlocal': 'var' as const,
  units: [],
  'machineid-compat': true,
  'automatic-version-suffix': '.',
  'etc-group-members': [],
  'preserve-passwd': true,
  'check-passwd': { type: 'previous' as const },
  'check-groups': { type: 'previous' as const },
  'ignore-removed-users': [],
  'ignore-removed-groups': [],
  postprocess: [],
  'add-files': [],
  'remove-files': [],
  'remove-from-packages': [],
  'add-commit-metadata': {},
  'repo-metadata': 'inline' as const,
  'advisories-metadata': 'disabled' as const,
  cliwrap: false,
  debconf: {},
  stages: {},
});

/** What `container: true` and `preserve-passwd: false` imply. */
const notPreserved = {
  'preserve-passwd': false,
  'check-passwd': { type: 'none' as const },
  'check-groups': { type: 'none' as const },
};

/**
 * The flattened treefile of a manifest, typed and with its defaults.
 * @param flat the `treefile` member of a manifest; loadTreefile made and checked it
 */
export function asTreefile(flat: Record<string, unknown>): CompleteTreefile {
  const given = flat as Treefile;
  const preserve = given['preserve-passwd'] ?? !given.container;
  return { ...defaults(), ...(preserve ? {} : notPreserved), ...given } as CompleteTreefile;
}
