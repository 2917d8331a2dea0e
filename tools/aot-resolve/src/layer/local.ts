import { copyFileSync, linkSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { archivePath, type PackageItem } from '@apt-ostree/manifest';
import { hashFile, makeDirectories, replaceWith, run } from '@apt-ostree/run';
import { parseStanza } from 'deb822';

/** A .deb that was given as a file; it is in the cache by its SHA-256. */
export interface LocalDeb {
  /** Absolute. */
  file: string;
  item: PackageItem;
}

/**
 * Takes .deb files into the cache, where they stay what they are now.
 * @throws AotError `noInput` for a file that is not there, `data` for one that is no package, and with every one that is for
 * another architecture
 */
export async function takeLocal(
  files: readonly string[],
  cachedir: string,
  architectures: readonly string[],
): Promise<LocalDeb[]> {
  const taken: LocalDeb[] = [];
  for (const file of files) taken.push(await take(file, cachedir));
  refuseForeign(taken, architectures);
  return taken;
}

function refuseForeign(debs: readonly LocalDeb[], architectures: readonly string[]): void {
  const foreign = debs.filter(({ item: { architecture: a } }) => a !== 'all' && !architectures.includes(a));
  if (foreign.length === 0) return;
  const lines = foreign.map(
    ({ item: { name, version, architecture } }) =>
      `'${name}_${version}_${architecture}' is for ${architecture}, not ${architectures[0]}`,
  );
  throw new AotError('data', `cannot layer packages of another architecture: ${lines.join('; ')}`, {
    code: 'wrong-architecture',
  });
}

async function take(file: string, cachedir: string): Promise<LocalDeb> {
  const sha256 = await hashOf(file);
  const place = join(cachedir, archivePath(sha256));
  if (statSync(place, { throwIfNoEntry: false }) === undefined) keep(file, place);
  return { file: place, item: await describe(place, file, sha256) };
}

async function hashOf(file: string): Promise<string> {
  try {
    return await hashFile(file);
  } catch (error) {
    throw explain(error, `cannot read package '${file}'`);
  }
}

function keep(file: string, place: string): void {
  const what = `cannot keep package '${file}'`;
  makeDirectories(dirname(place), { what });
  replaceWith(place, (temporary) => copyFileSync(file, temporary), what);
}

const FIELDS = ['Package', 'Version', 'Architecture', 'Source', 'Installed-Size'];

async function describe(place: string, file: string, sha256: string): Promise<PackageItem> {
  const { exitCode, stdout, stderr } = await run('dpkg-deb', ['--field', place, ...FIELDS], { ok: 'any' });
  if (exitCode !== 0) throw noPackage(file, stderr.trim().replace(/^dpkg-deb: error: /, ''));
  const stanza = parseStanza(stdout);
  const field = (name: string): string => stanza.get(name) ?? '';
  const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
  if (
    !/^[a-z0-9][a-z0-9+.-]+$/.test(name) ||
    !/^[0-9A-Za-z.+~:-]+$/.test(version) ||
    !/^[a-z0-9-]+$/.test(architecture)
  )
    throw noPackage(file, 'its control file has no valid name, version or architecture');
  const source = /^(\S+)(?:\s+\(([^)]+)\))?$/.exec(field('Source'));
  return {
    ...{ name, version, architecture, sha256, size: statSync(place).size },
    source: { id: 'local', suite: 'local', component: '', index: sha256 },
    path: fileName(name, version, architecture),
    sourcePackage: source?.[1] ?? name,
    sourceVersion: source?.[2] ?? version,
    installedSize: Number(/^\d+$/.exec(field('Installed-Size'))?.[0] ?? 0),
    ...{ automatic: false, essential: false },
  };
}

const noPackage = (file: string, why: string): AotError =>
  new AotError('data', `cannot use '${file}': it is no Debian package: ${why}`, { code: 'no-package' });

/** As apt names archives: the colon of an epoch is escaped. */
const fileName = (name: string, version: string, architecture: string): string =>
  `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`;

/** Gives the files names that apt takes for packages. @returns their paths */
export function namedFiles(debs: readonly LocalDeb[], directory: string): string[] {
  mkdirSync(directory, { recursive: true });
  return debs.map(({ file, item }) => {
    const named = join(directory, item.path);
    linkSync(file, named);
    return named;
  });
}
