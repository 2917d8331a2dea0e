import { parse } from 'smol-toml';
import type { Lint } from '../lint.ts';

const DIRECTORY = 'usr/lib/bootc/kargs.d';

export const bootcKargs: Lint = {
  name: 'bootc-kargs',
  severity: 'error',
  summary: 'files in /usr/lib/bootc/kargs.d are TOML with kargs and, if need be, match-architectures',
  check: ({ tree }) =>
    tree
      .list(DIRECTORY)
      .filter((name) => name.endsWith('.toml'))
      .flatMap((name) => {
        const path = `${DIRECTORY}/${name}`;
        const wrong = problem(tree.text(path) ?? '');
        return wrong === undefined ? [] : [`/${path}: ${wrong}`];
      }),
};

const MEMBERS = ['kargs', 'match-architectures'];

function problem(text: string): string | undefined {
  let document: Record<string, unknown>;
  try {
    document = parse(text);
  } catch (error) {
    return `it is no TOML: ${(error as Error).message.split('\n')[0]}`;
  }
  const unknown = Object.keys(document).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined) return `the key '${unknown}' is not known`;
  if (document['kargs'] === undefined) return "there is no 'kargs'";
  const notList = Object.keys(document).find((key) => !isList(document[key]));
  return notList === undefined ? undefined : `'${notList}' is no list of strings`;
}

const isList = (value: unknown): boolean => Array.isArray(value) && value.every((v) => typeof v === 'string');
