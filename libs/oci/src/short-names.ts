import { AotError } from '@apt-ostree/errors';
import { type ImageReference, parseImageReference } from './reference.ts';
import { type Places, readRegistriesConf } from './registries-conf.ts';

/**
 * What `base-image` means: a reference with its transport, or `NAME[:TAG][@DIGEST]`. A name without a registry is looked up
 * as podman does it (registries.conf(5)): among the aliases, then in the registry for such names. Several of those decide
 * nothing: whoever holds the name in the first of them would choose what is installed.
 * @throws AotError `config` where the configuration names no registry, several, or cannot be read
 */
export async function parseBaseImage(text: string, places: Places = {}): Promise<ImageReference> {
  if (/^(oci|oci-archive|docker-archive|registry):|^docker:\/\//.test(text)) return parseImageReference(text);
  return resolveShortName(text, places);
}

async function resolveShortName(name: string, places: Places): Promise<ImageReference> {
  if (hasRegistry(name)) return parseImageReference(`registry:${name}`);
  const { search, aliases } = await readRegistriesConf(places);
  const [, short = '', rest = ''] = /^([^:@]*)(.*)$/s.exec(name) ?? [];
  const alias = Object.hasOwn(aliases, short) ? aliases[short] : undefined;
  if (alias !== undefined) return parseImageReference(`registry:${alias}${rest}`);
  if (search.length === 1) return parseImageReference(`registry:${search[0]}/${name}`);
  throw undecided(name, search);
}

/** The first part of a name is a registry when it could be a host and no directory: it has a dot or a port. */
function hasRegistry(name: string): boolean {
  const [first = '', ...rest] = name.split('/');
  return rest.length > 0 && (first === 'localhost' || /[.:]/.test(first));
}

function undecided(name: string, search: readonly string[]): AotError {
  const [why, hint] =
    search.length === 0
      ? ['it names no registry', `write HOST/${name}, or set unqualified-search-registries in registries.conf(5)`]
      : ['several registries may have it', `write ${search.map((host) => `'${host}/${name}'`).join(' or ')}`];
  return new AotError('config', `cannot tell which image '${name}' is: ${why}`, { code: 'short-name', hint });
}
