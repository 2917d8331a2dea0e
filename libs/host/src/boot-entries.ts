import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';

/** A boot loader entry of libostree (Boot Loader Specification, type 1). */
export interface BootEntry {
  file: string;
  /** Libostree's order; the largest is the default. */
  version: number;
  /** The value of `ostree=`. */
  link: string;
  /** Without it. */
  kernelArguments: string[];
}

/** The entries of a sysroot, the default first; a sysroot without deployments has none. */
export function bootEntries(sysroot: string): BootEntry[] {
  const directory = join(sysroot, 'boot/loader/entries');
  return names(directory)
    .filter((name) => name.startsWith('ostree-') && name.endsWith('.conf'))
    .map((name) => readEntry(join(directory, name)))
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.version - a.version);
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw explain(error, `cannot read '${directory}'`);
  }
}

/** Undefined for one without `ostree=`, which is somebody else's. */
function readEntry(file: string): BootEntry | undefined {
  const fields = readFields(file);
  const words = (fields.get('options') ?? '').split(/\s+/).filter((word) => word !== '');
  const link = words.find((word) => word.startsWith('ostree='))?.slice('ostree='.length);
  if (link === undefined) return undefined;
  const version = fields.get('version') ?? '';
  if (!/^\d+$/.test(version))
    throw new AotError('data', `cannot use '${file}': its version is '${version}', no number`);
  return { file, version: Number(version), link, kernelArguments: words.filter((w) => !w.startsWith('ostree=')) };
}

function readFields(file: string): Map<string, string> {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return new Map(
      lines.map((line) => /^(\S+)\s+(.*)$/.exec(line)).flatMap((m) => (m ? [[m[1] ?? '', m[2] ?? '']] : [])),
    );
  } catch (error) {
    throw explain(error, `cannot read '${file}'`);
  }
}
