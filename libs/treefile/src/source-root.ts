import { dirname, relative, sep } from 'node:path';
import type { Values } from './check-document.ts';

type Rewrite = (path: string) => string;

/**
 * Applies a function to every path of a file beside a treefile, wherever one can stand.
 * @returns the values with the results in their places
 */
export function mapFiles(values: Values, rewrite: Rewrite): Values {
  const result = { ...values };
  const change = <T>(key: string, by: (value: T) => unknown) => {
    if (result[key] !== undefined) result[key] = by(result[key] as T);
  };
  change<string>('postprocess-script', rewrite);
  change<[string, string][]>('add-files', (pairs) => pairs.map(([from, to]) => [rewrite(from), to]));
  for (const key of ['check-passwd', 'check-groups'])
    change<{ filename?: string }>(key, (c) => (c.filename === undefined ? c : { ...c, filename: rewrite(c.filename) }));
  for (const key of ['repos', 'lockfile-repos']) change<string[]>(key, (names) => names.map(rewrite));
  change<Record<string, string[]>>('stages', (stages) =>
    Object.fromEntries(Object.entries(stages).map(([name, words]) => [name, besideFirst(words, rewrite)])),
  );
  return result;
}

/** Programs beside the treefile are absolute until the end, then begin with ./; others are the machine's. */
const besideFirst = (words: string[], rewrite: Rewrite): string[] =>
  words[0]!.startsWith('/') ? [`./${rewrite(words[0]!)}`, ...words.slice(1)] : words;

/** The deepest directory that holds the treefile and all these files: manifests name files below it. */
export function sourceRoot(directory: string, files: readonly string[]): string {
  let root = directory;
  for (const file of files) while (!within(root, file)) root = dirname(root);
  return root;
}

const within = (root: string, file: string): boolean => file.startsWith(root === sep ? sep : root + sep);

export const below = (root: string) => (file: string) => relative(root, file);
