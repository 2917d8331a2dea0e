import { join } from 'node:path';
import type { Sysroot } from '@apt-ostree/host';
import { readRemotes } from '../change/remotes.ts';

/** What status says of a remote. */
export interface Remote {
  name: string;
  gpgVerify: boolean;
  /** Keyrings to verify with, besides libostree's own. */
  keyrings: string[];
}

/** Undefined where there is none of that name. */
export function readRemote({ repo }: Sysroot, name: string): Remote | undefined {
  const keys = readRemotes(repo).get(name);
  return (
    keys && {
      name,
      gpgVerify: keys['gpg-verify'] !== 'false',
      keyrings: [
        join(repo, `${name}.trustedkeys.gpg`),
        ...(keys.gpgkeypath ?? '').split(/[;,]/).filter((path) => path !== ''),
      ],
    }
  );
}
