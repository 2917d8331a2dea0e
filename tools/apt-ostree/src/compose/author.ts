import type { ScriptRun } from '@apt-ostree/manifest';

/** Where paths of a committed tree come from in the configured tree; the longest prefix counts. */
const MOVED: readonly [committed: string, configured: string][] = [
  ['/usr/etc/', '/etc/'],
  ['/usr/lib/sysimage/dpkg/', '/var/lib/dpkg/'],
  ['/usr/share/factory/var/', '/var/'],
];

/** The configured path behind a committed one. */
export function configuredPath(path: string): string {
  const moved = MOVED.find(([prefix]) => path.startsWith(prefix));
  return moved ? moved[1] + path.slice(moved[0].length) : path;
}

/** Who made or changed a path last, by the script record: `package script`; what no script touched is the layout's. */
export function authorOf(path: string, scripts: readonly ScriptRun[]): string {
  const before = configuredPath(path);
  const last = scripts.findLast(
    (s) => s.created.includes(before) || s.changed.includes(before) || s.removed.includes(before),
  );
  return last ? [last.package, last.script].join(' ') : 'aot-commit';
}
