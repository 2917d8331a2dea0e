import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { explain, isAotError } from '@apt-ostree/errors';
import { checkDocument, type Values } from './check-document.ts';
import { holds } from './conditions.ts';
import { merge } from './merge.ts';
import { Place, type Step } from './place.ts';
import { readDocument } from './read-document.ts';
import type { TreefileDocument } from './treefile-document.ts';
import type { Conditional } from './types/includes.ts';
import { typed, type Variables } from './variables.ts';

/** As rpm-ostree. */
const DEEPEST = 50;

/** What is known while includes are followed. */
export interface Expansion {
  architecture: string;
  /** Variables of the command line. */
  given: Readonly<Record<string, string>>;
  /** Files that were read, by device and inode, with the name for errors. */
  seen: Map<string, string>;
  /** Those that are being read, outermost first. */
  open: string[];
}

/** Marks a file as read, and says by which name it was read before. */
export function visit(path: string, file: string, expansion: Expansion): string | undefined {
  const { dev, ino } = statSync(path);
  const id = `${dev}:${ino}`;
  const before = expansion.seen.get(id);
  if (before === undefined) expansion.seen.set(id, file);
  return before;
}

/**
 * A treefile with everything that it includes merged in: first `include`, then `arch-include`, then those of
 * `conditional-include` whose conditions hold.
 * @param outer the variables of the treefile that includes this one; they win
 */
export function expand(document: TreefileDocument, outer: Variables, expansion: Expansion): Values {
  let result = checkDocument(document, expansion.architecture);
  const own = result;
  const take = (paths: readonly string[], steps: readonly Step[]) => {
    for (const [i, path] of paths.entries()) {
      const place = new Place(document, [...steps, i]);
      result = merge(result, follow(path, place, visible(result, outer, expansion), expansion));
    }
  };
  take((own['include'] as string[] | undefined) ?? [], ['include']);
  const byArchitecture = (own['arch-include'] as Record<string, string[]> | undefined)?.[expansion.architecture];
  take(byArchitecture ?? [], ['arch-include']);
  for (const [i, conditional] of ((own['conditional-include'] as Conditional[] | undefined) ?? []).entries()) {
    const place = new Place(document, ['conditional-include', i]);
    const variables = visible(result, outer, expansion);
    if (!conditional.if.every((c, n) => holds(c, variables, place.at('if').at(n)))) continue;
    const steps = place.at('include').steps;
    if (Array.isArray(conditional.include)) take(conditional.include, steps);
    else result = merge(result, expand(document.inline(conditional.include, steps), variables, expansion));
  }
  for (const key of ['include', 'arch-include', 'conditional-include']) delete result[key];
  return result;
}

/** The variables that a treefile sees: its own and its includes', its includer's, the command line's, and ours. */
export function visible(values: Values, outer: Variables, expansion: Expansion): Variables {
  const own = (values['variables'] as Variables | undefined) ?? {};
  const release = values['releasever'] as string | number | undefined;
  return {
    ...own,
    ...(release === undefined ? {} : { releasever: release }),
    ...outer,
    ...typed(expansion.given, { ...outer, ...own }),
    basearch: expansion.architecture,
  };
}

function follow(path: string, place: Place, variables: Variables, expansion: Expansion): Values {
  const file = isAbsolute(path) ? path : join(dirname(place.document.file), path);
  const target = resolve(place.document.directory, path);
  if (expansion.open.length > DEEPEST)
    throw place.error(`cannot include '${path}'`, { detail: 'includes are nested too deeply' });
  const document = open(path, target, file, place, expansion);
  expansion.open.push(realpathSync(target));
  const values = expand(document, variables, expansion);
  expansion.open.pop();
  return values;
}

function open(path: string, target: string, file: string, place: Place, expansion: Expansion): TreefileDocument {
  try {
    const before = visit(target, file, expansion);
    if (before !== undefined) {
      const loop = expansion.open.includes(realpathSync(target));
      throw place.error(`cannot include '${path}'`, {
        detail: loop ? `include loop: '${before}' leads here` : `'${before}' is included already`,
        code: loop ? 'include-loop' : 'included-twice',
      });
    }
    return readDocument(target, file);
  } catch (error) {
    if (isAotError(error)) throw error;
    const known = explain(error, '');
    if (!isAotError(known)) throw known;
    throw place.error(`cannot include '${path}'`, { detail: known.message.slice(2), code: 'missing-include' });
  }
}
