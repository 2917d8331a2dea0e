import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { type ImageReference, parseImageReference } from './reference.ts';
import { isFields } from './validate.ts';

interface Configuration {
  /** Registries in which names without one are looked for. */
  search: readonly string[];
  /** By short name, the name with its registry. */
  aliases: Record<string, string>;
}

interface Places {
  /** Of the machine's configuration. */
  system?: string;
  environment?: NodeJS.ProcessEnv;
}

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
  const { search, aliases } = await readConfiguration(places);
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

async function readConfiguration({ system = '/etc/containers', environment = process.env }: Places) {
  const own = join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'containers');
  const main = [join(own, 'registries.conf'), join(system, 'registries.conf')];
  const named = environment['CONTAINERS_REGISTRIES_CONF'];
  const files = [named || main.find((f) => existsSync(f)), ...partsOf(system), ...partsOf(own)];
  const result: Configuration = { search: [], aliases: {} };
  for (const file of files) if (file !== undefined) merge(result, await readToml(file), file);
  return result;
}

const partsOf = (directory: string): string[] => {
  const parts = join(directory, 'registries.conf.d');
  if (!existsSync(parts)) return [];
  const names = readdirSync(parts).filter((n) => n.endsWith('.conf'));
  return names.sort().map((n) => join(parts, n));
};

async function readToml(file: string): Promise<Record<string, unknown>> {
  const { parse } = await import('smol-toml');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read '${file}'`);
  }
  try {
    return parse(text);
  } catch (error) {
    throw unfit(file, (error as Error).message.split('\n')[0] as string);
  }
}

/** What a later file says of the registries replaces what an earlier one said; aliases add up. */
function merge(result: Configuration, document: Record<string, unknown>, file: string): void {
  const search = document['unqualified-search-registries'];
  if (search !== undefined) {
    if (!Array.isArray(search) || !search.every((host) => typeof host === 'string'))
      throw unfit(file, 'unqualified-search-registries is no list of strings');
    result.search = search;
  }
  const aliases = document['aliases'] ?? {};
  if (!isFields(aliases) || !Object.values(aliases).every((name) => typeof name === 'string'))
    throw unfit(file, 'an alias is no string');
  Object.assign(result.aliases, aliases);
}

const unfit = (file: string, why: string): AotError =>
  new AotError('config', `cannot use '${file}': ${why}`, { code: 'bad-registries-conf' });
