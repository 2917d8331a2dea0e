import { AotError } from '@apt-ostree/errors';
import type { PackageItem } from '@apt-ostree/manifest';
import { redact } from './redact.ts';

/** What of a source decides where its packages are. */
export interface Archive {
  id: string;
  suite: string;
  components: readonly string[];
  /** Mirrors of each other, the preferred one first. */
  uris: readonly string[];
}

/**
 * The URLs of a package, best first. Manifests name no hosts: the source is looked up by id and suite among those of this
 * machine and treefile, and then among those of the lock.
 * @throws AotError `config` when no source has that id, or one has a URI of a kind that cannot be fetched from
 */
export function packageUrls(item: PackageItem, ...groups: (readonly Archive[])[]): URL[] {
  const { id, suite, component } = item.source;
  const same = (a: Archive) =>
    a.id === id && a.suite === suite && (a.components.length === 0 || a.components.includes(component));
  const group = groups.find((archives) => archives.some(same));
  if (group === undefined) throw unknownSource(item);
  return group.filter(same).flatMap((archive) => archive.uris.map((uri) => join(uri, item.path)));
}

function join(uri: string, path: string): URL {
  const [, scheme = ''] = /^([a-z0-9+.-]+):/i.exec(uri) ?? [];
  const known = ['http', 'https', 'file', 'copy'].includes(scheme.toLowerCase());
  const base = uri.replace(/^copy:/i, 'file:').replace(/\/*$/, '/');
  if (!known || !URL.canParse(base)) throw unfit(uri, scheme);
  if (base.startsWith('file:') && new URL(base).host !== '') throw unfit(uri, 'file on another host');
  return new URL(`./${encodePath(path)}`, base);
}

/** Also what apt encodes without need ('+' and '~': some servers and caches took them amiss), so that caches see one URL. */
const encodePath = (path: string): string =>
  encodeURI(path).replace(/[?#+~]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

function unknownSource(item: PackageItem): AotError {
  const { id, suite, component } = item.source;
  return new AotError(
    'config',
    `cannot locate '${item.name}': no source '${id}' with suite '${suite}' and component '${component}'`,
    {
      code: 'unknown-source',
      hint: `write a '${id}.sources' beside the treefile and name it in 'repos' or 'lockfile-repos', or resolve again`,
    },
  );
}

function unfit(uri: string, scheme: string): AotError {
  return new AotError('config', `cannot fetch from '${redact(uri)}': ${why(scheme.toLowerCase())}`, {
    code: 'unknown-transport',
    hint: 'name the archive by an http, https or file URI',
  });
}

function why(scheme: string): string {
  if (scheme === 'cdrom') return 'a disc can only be used by apt itself; mount it and use file:';
  if (scheme.startsWith('mirror')) return 'mirror lists are not read; write several URIs, which are tried in order';
  return `the transport '${scheme}' is not known here`;
}
