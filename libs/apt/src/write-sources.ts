import { multiline, Stanza } from 'deb822';
import type { ArchiveSource } from './archive-source.ts';

/**
 * The files of a sources.list.d: one per id, one stanza per suite in the order given, so that apt's "FILE:N" names a source.
 */
export function formatSources(sources: readonly ArchiveSource[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const source of sources) {
    const name = `${source.id}.sources`;
    const before = files.get(name);
    files.set(name, before === undefined ? stanza(source) : `${before}\n${stanza(source)}`);
  }
  return files;
}

/** Stanza refuses what would not be read back as it is. */
function stanza(source: ArchiveSource): string {
  const fields: [string, string | undefined][] = [
    ['Types', 'deb'],
    ['URIs', source.uris.join(' ')],
    ['Suites', source.suite],
    ['Components', source.components.join(' ') || undefined],
    ['Architectures', source.architectures?.join(' ')],
    ...Object.entries(source.options),
    ['Signed-By', source.signedBy?.includes('\n') ? multiline(source.signedBy) : source.signedBy],
  ];
  return new Stanza(fields.filter((field): field is [string, string] => field[1] !== undefined)).toString();
}
