import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { isFields } from './validate.ts';

export interface RegistriesConf {
  /** Registries in which names without one are looked for. */
  search: readonly string[];
  /** By short name, the name with its registry. */
  aliases: Record<string, string>;
  /** By the beginning of names (`HOST`, `HOST/TEAM`, `*.DOMAIN`), whether any certificate does there, and plain HTTP. */
  insecure: Record<string, boolean>;
}

export interface Places {
  /** Of the machine's configuration. */
  system?: string;
  environment?: NodeJS.ProcessEnv;
}

/** Whether the configuration lets a repository, as HOST/NAME, be asked without TLS: what says most of its name decides. */
export function isInsecure({ insecure }: RegistriesConf, name: string): boolean {
  const fitting = Object.keys(insecure).filter((prefix) => begins(name, prefix));
  const [best] = fitting.sort((a, b) => b.length - a.length);
  return best !== undefined && insecure[best] === true;
}

function begins(name: string, prefix: string): boolean {
  if (!prefix.startsWith('*.'))
    return name === prefix || (name.startsWith(prefix) && /^[:/]/.test(name.slice(prefix.length)));
  const [host = ''] = name.split(/[:/]/);
  return host.endsWith(prefix.slice(1));
}

/**
 * Reads registries.conf(5), as far as it counts here.
 * @throws AotError `config` for a file that cannot be used
 */
export async function readRegistriesConf({
  system = '/etc/containers',
  environment = process.env,
}: Places = {}): Promise<RegistriesConf> {
  const own = join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'containers');
  const main = [join(own, 'registries.conf'), join(system, 'registries.conf')];
  const named = environment['CONTAINERS_REGISTRIES_CONF'];
  const files = [named || main.find((f) => existsSync(f)), ...partsOf(system), ...partsOf(own)];
  const result: RegistriesConf = { search: [], aliases: {}, insecure: {} };
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

/** What a later file says of the search for short names, or of a registry, replaces what an earlier one said; aliases add up. */
function merge(result: RegistriesConf, document: Record<string, unknown>, file: string): void {
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
  Object.assign(result.insecure, insecureIn(document['registry'] ?? [], file));
}

function insecureIn(tables: unknown, file: string): Record<string, boolean> {
  if (!Array.isArray(tables) || !tables.every(isFields)) throw unfit(file, 'registry is no list of tables');
  const found: Record<string, boolean> = {};
  for (const { prefix, location, insecure = false } of tables) {
    const name = prefix ?? location;
    if (typeof name !== 'string' || typeof insecure !== 'boolean')
      throw unfit(file, 'a registry has no prefix or location, or its insecure is not true or false');
    found[name] = insecure;
  }
  return found;
}

const unfit = (file: string, why: string): AotError =>
  new AotError('config', `cannot use '${file}': ${why}`, { code: 'bad-registries-conf' });
