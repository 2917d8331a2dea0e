import { AotError } from '@apt-ostree/errors';
import { type ArchiveSource, INSECURE_OPTIONS, SOURCE_OPTIONS } from './archive-source.ts';
import type { SourceEntry } from './source-entry.ts';

/**
 * Splits an entry into one source per suite.
 * @throws AotError `config` for an entry that names no URI, suite or component, or that switches verification off
 */
export function splitEntry(entry: SourceEntry, id: string): ArchiveSource[] {
  if (entry.uris.length === 0 || entry.suites.length === 0)
    throw bad(entry, `it names no ${entry.uris.length === 0 ? 'URIs' : 'Suites'}`);
  const insecure = INSECURE_OPTIONS.find((o) => isYes(entry.fields[o.toLowerCase()]));
  if (insecure) throw bad(entry, `'${insecure}' switches the verification of indices off`);
  return entry.suites.map((suite) => {
    if (!suite.endsWith('/') && entry.components.length === 0) throw bad(entry, 'it names no Components');
    const architectures = entry.fields['architectures']?.split(/\s+/).filter(Boolean);
    const signedBy = entry.fields['signed-by'];
    return {
      id,
      uris: entry.uris.map((uri) => (uri.endsWith('/') ? uri : `${uri}/`)),
      suite,
      components: suite.endsWith('/') ? [] : entry.components,
      ...(architectures ? { architectures } : {}),
      ...(signedBy ? { signedBy: signedBy.trim() } : {}),
      options: optionsOf(entry),
    };
  });
}

const optionsOf = (entry: SourceEntry): Record<string, string> =>
  Object.fromEntries(
    SOURCE_OPTIONS.flatMap((name) => {
      const value = entry.fields[name.toLowerCase()];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** What apt takes for true. */
export const isYes = (value: string | undefined): boolean => /^(yes|true|1|on|with|enable)$/i.test(value?.trim() ?? '');

const bad = (entry: SourceEntry, why: string): AotError =>
  new AotError('config', `cannot use the sources in '${entry.file}': ${why}`, { code: 'bad-sources' });
