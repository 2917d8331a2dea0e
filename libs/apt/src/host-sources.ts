import type { ArchiveSource } from './archive-source.ts';
import { machineSources } from './machine-sources.ts';
import { formatSources } from './write-sources.ts';

/**
 * The machine's own archives of a release, in the words of sources.list(5), for a system that is made of them: what is of
 * use there. So neither directories of this machine, nor credentials, which everybody could read in a tree, nor options
 * that do without signatures or dates.
 * @param releasever codename of the release
 * @param signedBy where that system has the key of the archives
 * @param root where the machine's /etc is, `/` for the running one
 * @returns stanzas without a blank line at their end; none where the machine has no archive that another could reach
 */
export function hostSources(releasever: string, signedBy: string, root = '/'): string {
  const sources = machineSources(releasever, root).flatMap((source) => ofHost(source, signedBy));
  return [...formatSources(sources).values()].join('\n');
}

function ofHost({ id, uris, suite, components }: ArchiveSource, signedBy: string): ArchiveSource[] {
  const reachable = uris.filter((uri) => /^https?:/i.test(uri)).map(withoutCredentials);
  return reachable.length === 0 ? [] : [{ id, uris: reachable, suite, components, signedBy, options: {} }];
}

const withoutCredentials = (uri: string): string => uri.replace(/^(\w+:\/\/)[^/]*@/, '$1');
