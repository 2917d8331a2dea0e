import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isAotError } from '@apt-ostree/errors';
import { type LoadedTreefile, loadTreefile } from '../src/index.ts';

export type Files = Record<string, string>;

export interface Given {
  architecture?: string;
  variables?: Record<string, string>;
  /** The treefile to load; the first file without it. */
  top?: string;
}

/** Runs a function in a new directory with these files; those that end in .sh are executable. */
export async function withFiles<T>(files: Files, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'treefile-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      if (name.endsWith('.sh')) chmodSync(path, 0o755);
    }
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Loads the first of the files, or `top`. A string is one YAML file. */
export function load(given: Files | string, options: Given = {}): Promise<LoadedTreefile> {
  const files = typeof given === 'string' ? { 'tree.yaml': given } : given;
  const { top = Object.keys(files)[0]!, architecture = 'amd64', variables = {} } = options;
  return withFiles(files, (directory) => loadTreefile(join(directory, top), { architecture, variables }));
}

/** The flattened treefile, without basearch where it is amd64, as everywhere here. */
export async function flat(given: Files | string, options: Given = {}): Promise<Record<string, unknown>> {
  const { basearch, ...rest } = (await load(given, options)).treefile;
  return basearch === 'amd64' ? rest : { basearch, ...rest };
}

/** What a bad treefile ends with: exit code, message without the directory, hint. */
export async function failure(
  given: Files | string,
  options: Given = {},
): Promise<[number, string, string | undefined]> {
  try {
    await load(given, options);
  } catch (error) {
    if (isAotError(error)) return [error.exit, error.message.replaceAll(/'[^']*\/treefile-[^/]+\//g, "'"), error.hint];
    throw error;
  }
  throw new Error('the treefile was accepted');
}
