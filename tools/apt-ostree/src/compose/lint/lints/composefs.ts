import { isAotError } from '@apt-ostree/errors';
import {
  PREPARE_ROOT,
  PREPARE_ROOT_CONF,
  type PrepareRoot,
  parsePrepareRoot,
  refusesComposefs,
} from '@apt-ostree/host';
import type { Lint } from '../lint.ts';
import type { LintTree } from '../lint-tree.ts';
import { roots } from './base-layout.ts';

export const baseimageComposefs: Lint = {
  name: 'baseimage-composefs',
  severity: 'warning',
  summary: 'prepare-root.conf turns on composefs, or a transient root',
  check: ({ tree }) =>
    roots(tree).flatMap((prefix) => {
      const found = configuration(tree, prefix);
      if (found === undefined) return [`there is no /${prefix}${PREPARE_ROOT_CONF[1]}`];
      if (typeof found === 'string') return [found];
      if (found.composefs !== 'no' || found.transient) return [];
      return [`/${found.path} turns on neither composefs nor a transient root`];
    }),
};

export const composefsSupport: Lint = {
  name: 'composefs-support',
  severity: 'error',
  summary: 'prepare-root.conf asks for nothing that the libostree of the tree was built without',
  check({ tree }) {
    const [found, program] = [configuration(tree, ''), tree.bytes(PREPARE_ROOT)];
    if (found === undefined || typeof found === 'string' || program === undefined) return [];
    const { path, composefs } = found;
    return refusesComposefs(composefs, program)
      ? [`/${path} says '${composefs}' to composefs, and the libostree of the tree is built without: it does not boot`]
      : [];
  },
};

/** The configuration that counts; a text that says what is wrong with it; undefined where there is none. */
function configuration(tree: LintTree, prefix: string): (PrepareRoot & { path: string }) | string | undefined {
  for (const path of PREPARE_ROOT_CONF.map((conf) => prefix + conf)) {
    const text = tree.text(path);
    if (text === undefined) continue;
    try {
      return { ...parsePrepareRoot(text, `/${path}`), path };
    } catch (error) {
      if (isAotError(error)) return error.message;
      throw error;
    }
  }
  return undefined;
}
