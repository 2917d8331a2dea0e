import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Whose process this is: in a user namespace root is somebody else outside, which whoever enters it says. */
export const outerUid = (): number => Number(process.env['AOT_OUTER_UID'] ?? process.getuid?.() ?? 0);

/** Where the caches are when nobody says: root's below /var/cache, a user's below XDG_CACHE_HOME. */
export function defaultCachedir(): string {
  return outerUid() === 0
    ? '/var/cache/apt-ostree'
    : join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'apt-ostree');
}

/** The one place that knows the layout of a cache directory; absolute paths, as apt and the sandbox have other ideas of `.`. */
export function cachePaths(directory: string) {
  const cachedir = resolve(directory);
  const outer = outerUid();
  return {
    /** apt's private root: lists, binary caches; one directory per set of sources. */
    apt: join(cachedir, 'apt'),
    /** Results of the solver by what they were made from. */
    solutions: join(cachedir, 'solutions'),
    /** Verified .debs: `ab/abcdef….deb`, by SHA-256. */
    archives: join(cachedir, 'archives'),
    /** The package cache, a bare repository; files carry mapped owners, so there is one per uid map. */
    repo: join(cachedir, outer === 0 ? 'repo' : `repo-${outer}`),
    /** What the importer learnt of each package: listings, classification; JSON by SHA-256. */
    imported: join(cachedir, 'imported'),
    /** Script records of cached configured trees, JSON by configure key. */
    configured: join(cachedir, 'configured'),
    /** Initramfs images by what they were made from. */
    initramfs: join(cachedir, 'initramfs'),
    /** Kernel modules that were built, by what they were made from. */
    modules: join(cachedir, 'modules'),
    /** Compressed layers of images, by what is in them. */
    layers: join(cachedir, 'layers'),
    /** Locked temporary directories. */
    tmp: join(cachedir, 'tmp'),
  };
}

/** Path of a verified .deb, below the cache directory. */
export const archivePath = (sha256: string): string => `archives/${sha256.slice(0, 2)}/${sha256}.deb`;

/** The ref of an imported package in the package cache: the marker that the import is whole. */
export const packageRef = (sha256: string): string => `aot/pkg/${sha256.slice(0, 2)}/${sha256}`;
