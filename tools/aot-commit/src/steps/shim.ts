import { dirname } from 'node:path';
import files from '../data/shim.json' with { type: 'json' };
import type { Layout } from '../layout.ts';

/** Where the programs that can be wrapped have their configuration. */
const CONFIGURATION = { apt: 'etc/apt/apt.conf.d', dpkg: 'etc/dpkg/dpkg.cfg.d' };

export type Wrapped = keyof typeof CONFIGURATION;

/**
 * `cliwrap`: the files of the Debian package apt-ostree that end apt and dpkg on a booted system with an explanation. What
 * is there already is the package's, or was there in the base.
 */
export function shim({ tree, settings }: Layout): void {
  const wrapped = settings.wrapped
    .map((name) => CONFIGURATION[name])
    .filter((directory) => tree.isDirectory(directory));
  if (wrapped.length === 0) return;
  const others = Object.values(CONFIGURATION).filter((directory) => !wrapped.includes(directory));
  for (const { path, executable, text } of files) {
    if (others.includes(dirname(path)) || tree.exists(path)) continue;
    tree.write(path, text, { mode: executable ? 0o755 : 0o644 });
  }
}
