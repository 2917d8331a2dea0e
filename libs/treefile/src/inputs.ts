import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { type InputFile, sha256 } from '@apt-ostree/manifest';
import type { Values } from './check-document.ts';
import { isExecutable, openBeneath } from './verify-inputs.ts';

/**
 * The files beside the treefile that later stages read, by path. Sources and their keys have `use: archive`: they say
 * where packages come from, and the packages are pinned by hash, so that they are no part of what the tree is made of.
 */
export function collectInputs(values: Values, root: string): InputFile[] {
  const archives = [...list(values, 'repos'), ...list(values, 'lockfile-repos')];
  const keys = archives.flatMap((file) => keysOf(file, root));
  const checks = ['check-passwd', 'check-groups'].map(
    (key) => (values[key] as { filename?: string } | undefined)?.filename,
  );
  const tree = [
    values['postprocess-script'] as string | undefined,
    ...((values['add-files'] as [string, string][] | undefined) ?? []).map(([from]) => from),
    ...checks,
    ...Object.values((values['stages'] as Record<string, string[]> | undefined) ?? {}).map(([program]) =>
      beside(program!),
    ),
  ].filter((file) => file !== undefined);
  const inputs = new Map<string, InputFile>();
  for (const path of [...archives, ...keys]) inputs.set(path, describe(path, root, 'archive'));
  for (const path of tree) inputs.set(path, describe(path, root, 'tree'));
  return [...inputs.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const list = (values: Values, key: string): string[] => (values[key] as string[] | undefined) ?? [];

const beside = (program: string): string | undefined => (program.startsWith('./') ? program.slice(2) : undefined);

function describe(path: string, root: string, use: 'archive' | 'tree'): InputFile {
  const file = openBeneath(root, path);
  return { path, sha256: sha256(file.read()), executable: isExecutable(file.mode), use };
}

/** Keys that a source names by a relative path, as in `Signed-By: vendor.asc`; found beside it. */
function keysOf(source: string, root: string): string[] {
  const text = readFileSync(join(root, source), 'utf8');
  const named = source.endsWith('.list')
    ? [...text.matchAll(/[[\s]signed-by=([^\]\s]+)/gi)]
    : [...text.matchAll(/^signed-by:[ \t]*(\S.*)$/gim)];
  return named
    .flatMap(([, value]) => value!.split(/[\s,]+/))
    .filter((word) => /^[^/].*\.(gpg|asc|pgp)$/.test(word))
    .map((word) => keyBeside(word, source, root));
}

function keyBeside(word: string, source: string, root: string): string {
  const path = relative(root, join(root, dirname(source), word));
  if (!path.startsWith('../')) return path;
  throw new AotError('config', `key '${word}' of '${source}' is outside of the treefile's directory`, {
    code: 'bad-file',
    hint: 'put the key beside the source',
  });
}
