import { nearNames, type PackageIndex } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import type { Blockers } from './blockers.ts';
import type { Wanted } from './wanted.ts';

/**
 * Puts real packages in place of virtual names: the one that provides it, or the one of several that the treefile also asks
 * for by its own name.
 * @param blockers is told of every package that no archive offers, with near names, and of every virtual name that leaves a
 *   choice; these are left out
 */
export function settleVirtual(wanted: readonly Wanted[], index: PackageIndex, blockers: Blockers): Wanted[] {
  const missing: Wanted[] = [];
  const open: string[] = [];
  const settled = wanted.flatMap((w): Wanted[] => {
    if (index.has(w.name)) return [w];
    const providers = index.providers(w.name);
    const asked = providers.filter((name) => wanted.some((other) => other.name === name));
    const choice = asked.length > 0 ? asked : providers;
    const [first] = choice;
    if (first === undefined) missing.push(w);
    else if (choice.length === 1 || asked.length > 0) return [{ ...w, name: first }];
    else open.push(`'${w.name}' (${list(providers)})`);
    return [];
  });
  if (missing.length > 0) blockers.add(notFound(missing, index));
  if (open.length > 0) blockers.add(undecided(open));
  return settled;
}

/** Some virtual names have a hundred providers. */
const list = (names: readonly string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')}, ...` : names.join(', ');

function undecided(open: readonly string[]): AotError {
  return new AotError('failed', `cannot choose between packages that provide ${open.join(' and ')}`, {
    code: 'virtual-package',
    hint: 'ask for one of them by its name',
  });
}

function notFound(missing: readonly Wanted[], index: PackageIndex): AotError {
  const near = [...new Set(missing.map(({ name }) => name))].flatMap((name) => {
    const found = nearNames(name, index.names());
    return found.length > 0 ? [`${found.map((n) => `'${n}'`).join(' or ')} instead of '${name}'`] : [];
  });
  return new AotError('failed', `packages not found: ${missing.map(({ text }) => `'${text}'`).join(', ')}`, {
    code: 'packages-not-found',
    hint:
      near.length > 0
        ? `did you mean ${near.join(', ')}?`
        : 'check the names, and that the archive they are in is among the sources',
  });
}
