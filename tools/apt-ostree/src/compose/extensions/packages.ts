import { type PackagesManifest, parseManifest } from '@apt-ostree/manifest';
import { parsePackageRequest } from '@apt-ostree/treefile';
import type { Session } from '../session.ts';
import { flag } from '../stage-arguments.ts';

/** What apt adds to a base for the packages of a treefile. */
export const resolveOn = (session: Session, treefile: string, base: string): Promise<PackagesManifest> =>
  resolve(session, treefile, ['--base', base, '--treefile-archives']);

/** The packages that were asked for, without what they need. */
export async function resolveAlone(
  session: Session,
  treefile: string,
  requests: readonly string[],
): Promise<PackagesManifest> {
  const manifest = await resolve(session, treefile, []);
  const names = new Set(requests.map((text) => parsePackageRequest(text)?.name));
  const packages = manifest.packages.filter((p) => names.has(p.name) && !p.automatic);
  return { ...manifest, packages, plan: [], essential: [] };
}

async function resolve(session: Session, treefile: string, more: readonly string[]): Promise<PackagesManifest> {
  const args = ['--cachedir', session.cachedir, ...flag('source-root', session.sourceRoot), ...more, treefile];
  const text = await session.pipe(session.chosen.stages('resolve', args));
  return parseManifest(text, ['aot.packages/v1'], "stage 'resolve'");
}

/** Brings the files of the packages into the cache. */
export async function download(session: Session, manifest: PackagesManifest): Promise<void> {
  const args = ['--cachedir', session.cachedir, '--source-root', session.sourceRoot];
  await session.pipe(session.chosen.stages('fetch', args), { input: JSON.stringify(manifest) });
}
