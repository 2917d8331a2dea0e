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

function stanza(source: ArchiveSource): string {
  const fields: [string, string | undefined][] = [
    ['Types', 'deb'],
    ['URIs', source.uris.join(' ')],
    ['Suites', source.suite],
    ['Components', source.components.join(' ') || undefined],
    ['Architectures', source.architectures?.join(' ')],
    ...Object.entries(source.options),
    ['Signed-By', source.signedBy && folded(source.signedBy)],
  ];
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\n`])).join('');
}

/** A key in the field itself: every line indented, empty ones as a dot. */
function folded(value: string): string {
  if (!value.includes('\n')) return value;
  const lines = value.split('\n').map((line) => line.trim() || '.');
  return `\n ${lines.join('\n ')}`;
}
