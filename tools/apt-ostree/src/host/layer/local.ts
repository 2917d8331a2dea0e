import { join } from 'node:path';
import type { Origin } from '@apt-ostree/host';
import { archivePath } from '@apt-ostree/manifest';
import type { CommittedPackage } from '@apt-ostree/ostree';
import { fullName } from '../package-text.ts';
import { fromRepos } from './treefile.ts';

/** A local package stands in the origin as SHA256:NAME_VERSION_ARCHITECTURE: it is that file, and no other version. */
export const digestOf = (request: string): string => request.slice(0, 64);
export const namesOf = (request: string): string => request.slice(65);
export const nameOf = (request: string): string => namesOf(request).split('_')[0] ?? '';

/** Replacements by file that have something to replace: the base has the package, and not in that very version. */
function active({ overrides }: Origin, base: readonly CommittedPackage[]): string[] {
  const names = new Set(base.map((p) => p.name));
  const full = new Set(base.map(fullName));
  return overrides.replaceLocal.filter((request) => names.has(nameOf(request)) && !full.has(namesOf(request)));
}

/** The files of the packages that an origin has by file. */
export function debsOf(origin: Origin, base: readonly CommittedPackage[], cachedir: string): string[] {
  const { requestedLocal, requestedLocalFileoverride } = origin.packages;
  const all = [...requestedLocal, ...requestedLocalFileoverride, ...active(origin, base)];
  return all.map((request) => join(cachedir, archivePath(digestOf(request))));
}

/** Names of base packages that an origin replaces. */
export function replacedBy(origin: Origin, base: readonly CommittedPackage[]): string[] {
  const names = new Set(base.map((p) => p.name));
  const following = fromRepos(origin).flatMap(({ packages }) => packages);
  return [...active(origin, base).map(nameOf), ...following.filter((name) => names.has(name))];
}
