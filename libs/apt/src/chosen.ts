import { AotError } from '@apt-ostree/errors';

/** A package that apt chose. */
export interface Chosen {
  name: string;
  version: string;
  architecture: string;
  /** Its name in apt's archive directory. */
  file: string;
  size: number;
  /** Where apt would get it, decoded. */
  uri: string;
}

/**
 * The lines of `apt-get --print-uris`: `'URI' NAME_VERSION_ARCH.deb SIZE HASH`. In file names apt writes `%3a` for the
 * colon of an epoch and `%5f` for an underscore.
 */
export function parseUris(stdout: string): Chosen[] {
  return [...stdout.matchAll(/^'([^']+)' (\S+) (\d+) /gm)].map(([, uri = '', file = '', size = '']) => {
    const [name, version, architecture] = partsOf(file);
    return { name, version, architecture, file, size: Number(size), uri: decodeURIComponent(uri) };
  });
}

/** The names in the paragraph "The following packages will be REMOVED". */
export function parseRemoved(stdout: string): string[] {
  const paragraph = /^The following packages will be REMOVED:\n((?: .*\n?)+)/m.exec(stdout)?.[1] ?? '';
  return paragraph.split(/\s+/).flatMap((word) => (word === '' ? [] : [word.replace(/\*$/, '')]));
}

/** Takes NAME_VERSION_ARCH.deb apart. */
export function partsOf(file: string): [name: string, version: string, architecture: string] {
  const parts = /^([a-z0-9][a-z0-9+.-]*)_([^_/]+)_([a-z0-9-]+)\.deb$/.exec(file);
  if (parts === null) throw new AotError('data', `cannot understand the archive name '${file}' in apt's answer`);
  return [parts[1] as string, decodeURIComponent(parts[2] as string), parts[3] as string];
}
