import type { Solution } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import { packageId } from '@apt-ostree/manifest';
import { compareVersions } from 'deb-version';
import type { Base, BasePackage } from './base.ts';

/** What a solution would do to packages of the base. */
export interface BaseChanges {
  removed: BasePackage[];
  changed: { from: BasePackage; to: string }[];
  /** On hold before they are there. */
  added: { name: string; version: string }[];
  held: ReadonlySet<string>;
}

export function baseChanges(solution: Solution, base: Base): BaseChanges {
  const native = base.architectures[0] ?? '';
  const before = (c: Solution['chosen'][number]) =>
    base.installed.get(packageId(c)) ?? moved(c.name, c.architecture, base);
  const find = (id: string) =>
    [id, `${id}:${native}`, `${id}:all`].map((name) => base.installed.get(name)).find((p) => p !== undefined);
  return {
    removed: solution.removed.flatMap((name) => find(name) ?? []),
    changed: solution.chosen.flatMap((c) => {
      const from = before(c);
      return from === undefined ? [] : [{ from, to: c.version }];
    }),
    added: solution.chosen.filter((c) => base.held.has(c.name) && before(c) === undefined),
    held: base.held,
  };
}

/** A package may go from one architecture to `all`, or back, and is the same. */
function moved(name: string, architecture: string, { installed, architectures }: Base): BasePackage | undefined {
  const native = architectures[0] ?? '';
  if (architecture === 'all') return installed.get(`${name}:${native}`);
  return architecture === native ? installed.get(`${name}:all`) : undefined;
}

/** Without those that were asked for by name: overrides. */
export const exceptFor = ({ removed, changed, ...rest }: BaseChanges, names: ReadonlySet<string>): BaseChanges => ({
  ...rest,
  removed: removed.filter((p) => !names.has(p.name)),
  changed: changed.filter(({ from }) => !names.has(from.name)),
});

/**
 * A layer adds to the base and leaves it alone.
 * @throws AotError `failed` naming every package of the base that would be removed or replaced
 */
export function refuseChanges({ removed, changed, added, held }: BaseChanges, requests: readonly string[]): void {
  if (removed.length + changed.length + added.length === 0) return;
  const what = ({ name, version }: { name: string; version: string }) =>
    `'${name}' ${version}${held.has(name) ? ', which is on hold,' : ''} would be`;
  const verb = ({ from, to }: BaseChanges['changed'][number]) =>
    compareVersions(to, from.version) < 0 ? 'downgraded' : 'upgraded';
  const lines = [
    ...removed.map((p) => `${what(p)} removed`),
    ...changed.map((c) => `${what(c.from)} ${verb(c)} to ${c.to}`),
    ...added.map((p) => `${what(p)} installed`),
  ];
  const asked = requests.map((r) => `'${r}'`).join(', ');
  throw new AotError('failed', `cannot layer ${asked}: packages of the base would change: ${lines.join('; ')}`, {
    code: 'base-change',
    hint:
      added.length > 0
        ? 'whoever makes the base can take the hold off: apt-mark(8)'
        : "upgrade or rebase to a base that fits, ask for another version, or change the base with 'apt-ostree override'",
  });
}
