import { AotError } from '@apt-ostree/errors';
import { type PackageRequest, parsePackageRequest, type Treefile } from '@apt-ostree/treefile';

/** One package that a treefile asks for; with `repo` when it must come from that source. */
export interface Wanted extends PackageRequest {
  /** As the flattened treefile says it. */
  text: string;
  repo?: string;
}

/** The packages under `packages` and `repo-packages`, in the treefile's order, each once. */
export function wantedPackages(treefile: Treefile): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const text of treefile.packages ?? []) wanted.set(text, { text, ...parseWanted(text) });
  for (const { repo, packages } of treefile['repo-packages'] ?? [])
    for (const text of packages) wanted.set(text, { text, ...parseWanted(text), repo });
  return [...wanted.values()];
}

/** @throws AotError `config` for what is no package */
export function parseWanted(text: string): PackageRequest {
  const request = parsePackageRequest(text);
  if (request !== undefined) return request;
  throw new AotError('config', `cannot use '${text}' in 'packages': it is no package`, { code: 'bad-package' });
}
