import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import type { ArchiveSource, SourcesTreefile } from './archive-source.ts';
import { parseDeb822Sources, parseOneLineSources, type SourceEntry } from './source-entry.ts';
import { isYes, splitEntry } from './split-entry.ts';

/**
 * The sources in the files that a treefile names. Each is called by its file's name without the ending; `$releasever`,
 * `$basearch` and the treefile's `repovars` are replaced, and a relative Signed-By is a file beside them.
 */
export function namedSources(names: readonly string[], treefile: SourcesTreefile, sourceRoot: string): ArchiveSource[] {
  return names.flatMap((name) => {
    const file = find(name, sourceRoot);
    const id = idOf(file);
    if (!/^[\w.-]+$/.test(id))
      throw bad(name, 'apt takes only letters, digits, hyphens, underscores and dots in its name');
    const text = substitute(readFileSync(file, 'utf8'), variablesOf(treefile), name);
    const entries = file.endsWith('.list') ? parseOneLineSources(text, name) : parseDeb822Sources(text, name);
    if (entries.length === 0) throw bad(name, 'it has no enabled entry of type deb');
    return entries.flatMap((entry) => splitEntry(checked(entry, id, treefile, dirname(file)), id));
  });
}

/** What a source is called, by the file that `repos` names. */
export const idOf = (file: string): string => basename(file).replace(/\.(sources|list)$/, '');

function find(name: string, sourceRoot: string): string {
  const path = resolve(sourceRoot, name);
  const file = [path, `${path}.sources`, `${path}.list`].find((p) => /\.(sources|list)$/.test(p) && existsSync(p));
  if (file !== undefined) return file;
  throw new AotError(
    'noInput',
    `cannot find the sources '${name}': no file '${name.replace(/\.sources$/, '')}.sources' beside the treefile`,
    {
      hint: "'repos' names .sources files beside the treefile, without their ending",
    },
  );
}

/** An archive that the machine trusts blindly is an explicit choice of the treefile's author. */
function checked(entry: SourceEntry, id: string, treefile: SourcesTreefile, directory: string): SourceEntry {
  const trusted = treefile['trusted-repos'] ?? [];
  if (isYes(entry.fields['trusted']) && !trusted.includes(id))
    throw bad(
      entry.file,
      "'Trusted: yes' takes its packages without a signature",
      "sign the archive, or name it in the treefile's 'trusted-repos'",
    );
  const key = entry.fields['signed-by'];
  const isFile = key !== undefined && !key.includes('\n') && /[./]/.test(key) && !isAbsolute(key);
  return isFile ? { ...entry, fields: { ...entry.fields, 'signed-by': resolve(directory, key) } } : entry;
}

const variablesOf = (treefile: SourcesTreefile): Record<string, string> => ({
  ...treefile.repovars,
  ...(treefile.releasever === undefined ? {} : { releasever: String(treefile.releasever) }),
  ...(treefile.basearch === undefined ? {} : { basearch: String(treefile.basearch) }),
});

/** apt's own `$(ARCH)` is left alone. */
function substitute(text: string, variables: Record<string, string>, name: string): string {
  return text.replace(/\$(?:\{([\w-]+)\}|([a-zA-Z_]\w*))/g, (_all, braced?: string, plain?: string) => {
    const variable = braced ?? plain ?? '';
    const value = variables[variable];
    if (value === undefined) throw bad(name, `the variable '${variable}' has no value`, "set it in 'repovars'");
    return value;
  });
}

const bad = (file: string, why: string, hint?: string): AotError =>
  new AotError('config', `cannot use the sources in '${file}': ${why}`, { hint, code: 'bad-sources' });
