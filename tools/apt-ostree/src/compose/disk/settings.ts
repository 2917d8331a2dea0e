import { machine } from 'node:os';
import { AotError } from '@apt-ostree/errors';
import { type DiskSettings, loadTreefile } from '@apt-ostree/treefile';
import type { DiskArgs } from './command.ts';

/** What options say of the machine, and where they say nothing, a treefile. */
export interface Settings {
  rev: string;
  settings: DiskSettings;
  /** What errors call a setting: by the option, or by the key of the treefile. */
  nameOf(setting: keyof DiskSettings): string;
}

export async function readSettings(args: DiskArgs): Promise<Settings> {
  const { treefile: file, rev } = args;
  const given = fromOptions(args);
  if (file === undefined) {
    if (rev === undefined) throw new AotError('usage', 'argument REV must be specified');
    return { rev, settings: { ...given, kargs: args.karg }, nameOf };
  }
  const { treefile, disk } = await loadTreefile(file, { architecture: machine() });
  const commit = rev ?? treefile.ref;
  if (commit === undefined)
    throw new AotError('usage', 'argument REV must be specified', { hint: `'${file}' has no 'ref' either` });
  return {
    rev: commit,
    settings: { ...disk, ...given, kargs: [...(disk.kargs ?? []), ...args.karg] },
    nameOf: (setting) => (setting in given ? nameOf(setting) : `'disk.${setting}' of '${file}'`),
  };
}

const nameOf = (setting: keyof DiskSettings): string => (setting === 'kargs' ? '--karg' : `--${setting}`);

/** What was said, and only that, so that the treefile says the rest. */
function fromOptions(args: DiskArgs): DiskSettings {
  const names = ['size', 'hostname', 'user', 'password-hash-file', 'ssh-key', 'stateroot', 'refspec'] as const;
  const said = names.filter((name) => args[name] !== undefined).map((name) => [name, args[name]]);
  return { ...Object.fromEntries(said), ...(args['separate-boot'] ? { 'separate-boot': true } : {}) };
}
