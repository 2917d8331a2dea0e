/** As many links as the kernel follows in one path. */
const MOST_LINKS = 40;

/** What is at a path of a tree: a link with its target, something else, or nothing, where following ends. */
export type At = { target: string } | 'other' | undefined;

/**
 * Follows the links of a path within a tree, whose root nothing leads out of.
 * @param last whether a link at its end is followed too
 * @param at what is at a path without links in its directories; asked only for what has to be known
 * @returns the path without links; undefined where they go round in circles, or `at` knows of nothing on the way
 */
export function followLinks(path: string, last: boolean, at: (path: string) => At): string | undefined {
  const todo = split(path);
  const done: string[] = [];
  for (let links = 0; todo.length > 0; ) {
    const name = todo.shift() as string;
    if (name === '..') {
      done.pop();
      continue;
    }
    done.push(name);
    if (todo.length === 0 && !last) break;
    const here = at(done.join('/'));
    if (here === undefined) return undefined;
    if (here === 'other') continue;
    if (++links > MOST_LINKS) return undefined;
    done.pop();
    if (here.target.startsWith('/')) done.length = 0;
    todo.unshift(...split(here.target));
  }
  return done.join('/');
}

const split = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');
