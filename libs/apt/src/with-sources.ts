import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { replaceWith } from '@apt-ostree/run';
import { enableSource, type ListedSource, listedSources, noSource, sourceFiles } from './listed-sources.ts';

/** Which sources count for once. */
export interface SourceChoice {
  /** Ids as `listedSources` has them, or names of files with or without their ending; `*` stands for anything. */
  enable: readonly string[];
  /** Comes first: with `*` here only those of `enable` count. */
  disable: readonly string[];
}

/**
 * Does something while other sources of a system count than its /etc/apt says. Its files are as they were afterwards, unless
 * what was done wrote them.
 * @throws AotError `noInput` for a name that no source has
 */
export async function withSources<T>(root: string, choice: SourceChoice, work: () => Promise<T>): Promise<T> {
  const sources = listedSources(root);
  const changes = [...chosen(root, sources, choice.disable, false), ...chosen(root, sources, choice.enable, true)];
  const before = sourceFiles(root).map((file) => ({ file, text: readFileSync(file, 'utf8') }));
  for (const { id, enabled } of changes) enableSource(root, id, enabled);
  const edited = before.map(({ file, text }) => ({ file, text, now: readFileSync(file, 'utf8') }));
  try {
    return await work();
  } finally {
    for (const { file, text, now } of edited) if (text !== now && textOf(file) === now) restore(file, text);
  }
}

function chosen(root: string, sources: readonly ListedSource[], names: readonly string[], enabled: boolean) {
  return names.flatMap((name) => {
    const found = sources.filter(({ id }) => isNamed(id, name));
    if (found.length === 0) throw noSource(root, name);
    return found.map(({ id }) => ({ id, enabled }));
  });
}

/** `debian.sources:1` is also meant by `debian.sources` and `debian`. */
function isNamed(id: string, name: string): boolean {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return [id, id.replace(/:\d+$/, ''), id.replace(/\.sources:\d+$/, '')].some((form) => pattern.test(form));
}

const textOf = (file: string): string | undefined =>
  statSync(file, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(file, 'utf8');

const restore = (file: string, text: string): void =>
  replaceWith(file, (temporary) => writeFileSync(temporary, text, { mode: statSync(file).mode }));
