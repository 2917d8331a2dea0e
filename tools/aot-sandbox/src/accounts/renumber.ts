/** Numbers that system accounts get by themselves: Debian policy section 9.2.2. */
const LOWEST = 100;
const HIGHEST = 999;

/**
 * Says which accounts of a tree have to get another number: a name has the number that it has on the machine, and a number
 * that the machine has given to one name goes to no other, whoever was first in the tree.
 * @param tree numbers by name, as they are in the tree
 * @param known numbers by name, on the machine
 * @returns new numbers by the old ones
 */
export function renumber(
  tree: ReadonlyMap<string, number>,
  known: Readonly<Record<string, number>>,
): Map<number, number> {
  const taken = new Map(Object.entries(known).map(([name, number]) => [number, name]));
  const used = new Set([...tree.values(), ...taken.keys()]);
  const moves = new Map<number, number>();
  for (const [name, number] of tree) {
    const wanted = Object.hasOwn(known, name) ? (known[name] as number) : free(name, number, taken, used);
    if (wanted !== number) moves.set(number, wanted);
  }
  return moves;
}

function free(name: string, number: number, taken: ReadonlyMap<number, string>, used: Set<number>): number {
  const owner = taken.get(number);
  if (owner === undefined || owner === name) return number;
  for (let n = HIGHEST; n >= LOWEST; n--) {
    if (used.has(n)) continue;
    used.add(n);
    return n;
  }
  return number;
}
