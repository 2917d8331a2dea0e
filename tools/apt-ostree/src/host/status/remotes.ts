import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseKeyFile, type Sysroot } from '@apt-ostree/host';
import { readText } from '@apt-ostree/run';

/** A remote as ostree-repo-config(5) describes it. */
export interface Remote {
  name: string;
  gpgVerify: boolean;
  /** Keyrings to verify with, besides libostree's own. */
  keyrings: string[];
}

/** A remote of the repository's configuration or of ostree/remotes.d; undefined where there is none of that name. */
export function readRemote(sysroot: Sysroot, name: string): Remote | undefined {
  for (const file of configurations(sysroot)) {
    const keys = parseKeyFile(readText(file), file)[`remote "${name}"`];
    if (keys === undefined) continue;
    return {
      name,
      gpgVerify: keys['gpg-verify'] !== 'false',
      keyrings: [
        join(sysroot.repo, `${name}.trustedkeys.gpg`),
        ...(keys.gpgkeypath ?? '').split(/[;,]/).filter((path) => path !== ''),
      ],
    };
  }
  return undefined;
}

const configurations = (sysroot: Sysroot): string[] => [
  join(sysroot.repo, 'config'),
  ...remotesIn(join(sysroot.path, 'etc/ostree/remotes.d')),
];

function remotesIn(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.conf'));
    return names.sort().map((name) => join(directory, name));
  } catch {
    return []; // there need not be any
  }
}
