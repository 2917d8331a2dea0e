import { AotError } from '@apt-ostree/errors';
import { Deb822Error, parseStanzas, type Stanza, text, words } from 'deb822';

/** An entry of a sources file before it is split into suites: field names in lower case, values as lists of words. */
export interface SourceEntry {
  file: string;
  uris: string[];
  suites: string[];
  components: string[];
  /** Every field by its lower-case name. */
  fields: Record<string, string>;
}

/**
 * The binary entries of a deb822 sources file; disabled ones and those for source packages only are left out.
 * See sources.list(5), "DEB822-STYLE FORMAT".
 */
export function parseDeb822Sources(source: string, file: string): SourceEntry[] {
  return stanzasOf(source, file)
    .filter((s) => words(s.get('Types') ?? '').includes('deb') && !isNo(s.get('Enabled')))
    .map((s) => ({
      file,
      uris: words(s.get('URIs') ?? ''),
      suites: words(s.get('Suites') ?? ''),
      components: words(s.get('Components') ?? ''),
      fields: fieldsOf(s),
    }));
}

export const isNo = (value: string | undefined): boolean => /^(no|false|0|off|without|disable)$/i.test(value ?? '');

/** The binary entries of a one-line sources file. See sources.list(5), "ONE-LINE-STYLE FORMAT". */
export function parseOneLineSources(source: string, file: string): SourceEntry[] {
  const entries: SourceEntry[] = [];
  for (const line of source.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)\s*(?:#.*)?$/.exec(line);
    if (match === null) continue;
    const [, options = '', uri = '', suite = '', components = ''] = match;
    entries.push({
      file,
      uris: [uri],
      suites: [suite],
      components: words(components),
      fields: oneLineOptions(options),
    });
  }
  return entries;
}

/** `[arch=amd64,i386 signed-by=/k]`: the deb822 names, and commas as blanks. */
function oneLineOptions(options: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const word of words(options)) {
    const at = word.indexOf('=');
    if (at < 1) continue;
    const name = word.slice(0, at).replace(/[+-]$/, '').toLowerCase();
    const value = word.slice(at + 1);
    fields[name === 'arch' ? 'architectures' : name] = name === 'signed-by' ? value : value.replaceAll(',', ' ');
  }
  return fields;
}

function stanzasOf(source: string, file: string): Stanza[] {
  try {
    return [...parseStanzas(source, { comments: true })];
  } catch (error) {
    if (!(error instanceof Deb822Error)) throw error;
    throw new AotError('config', `cannot use the sources in '${file}': ${error.message}`, { code: 'bad-sources' });
  }
}

const fieldsOf = (stanza: Stanza): Record<string, string> =>
  Object.fromEntries(
    [...stanza].map(([name, value]) => [name.toLowerCase(), value.includes('\n') ? text(value) : value]),
  );
