import { join } from 'node:path';
import type { Origin } from '@apt-ostree/host';
import { archivePath } from '@apt-ostree/manifest';
import { fromRepos } from './treefile.ts';

/** A local package stands in the origin as SHA256:NAME_VERSION_ARCHITECTURE: it is that file, and no other version. */
export const digestOf = (request: string): string => request.slice(0, 64);
export const namesOf = (request: string): string => request.slice(65);
export const nameOf = (request: string): string => namesOf(request).split('_')[0] ?? '';

/** The files of the packages that an origin has by file; a replacement only where there is something to replace. */
export function debsOf({ packages, overrides }: Origin, here: ReadonlySet<string>, cachedir: string): string[] {
  const replacing = overrides.replaceLocal.filter((request) => here.has(nameOf(request)));
  const all = [...packages.requestedLocal, ...packages.requestedLocalFileoverride, ...replacing];
  return all.map((request) => join(cachedir, archivePath(digestOf(request))));
}

/** Names of base packages that an origin replaces. */
export const replacedBy = (origin: Origin): string[] => [
  ...origin.overrides.replaceLocal.map(nameOf),
  ...fromRepos(origin).flatMap(({ packages }) => packages),
];
