import type { Values } from './check-document.ts';
import { TREEFILE_KEYS } from './keys.ts';
import { VALUE_TYPES } from './value-types.ts';

/**
 * Merges an included treefile into the one that includes it, by rpm-ostree's rules: what the child says wins over the
 * parent, lists are concatenated with the parent's first, maps are united with the child's members winning.
 */
export function merge(child: Values, parent: Values): Values {
  const result: Values = {};
  for (const { name, type } of TREEFILE_KEYS) {
    const [mine, theirs] = [child[name], parent[name]];
    if (mine === undefined && theirs === undefined) continue;
    result[name] = mine === undefined ? theirs : theirs === undefined ? mine : both(type, mine, theirs);
  }
  return result;
}

function both(type: keyof typeof VALUE_TYPES, mine: unknown, theirs: unknown): unknown {
  switch (VALUE_TYPES[type].merge) {
    case 'child wins':
      return mine;
    case 'concatenate':
    case 'unite':
      return [...(theirs as unknown[]), ...(mine as unknown[])];
    case 'update':
      return { ...(theirs as object), ...(mine as object) };
  }
}
