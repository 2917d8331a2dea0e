import { AotError } from '@apt-ostree/errors';
import { sha256 } from '@apt-ostree/manifest';
import type { InstalledSource } from './installed.ts';

/** Layers that are no packages: what is in them changes with any package, or with none. */
export const UNPACKAGED = 'unpackaged';
export const INITRAMFS = 'initramfs';
export const PACKAGE_DATABASE = 'package-database';
const OTHERS = [UNPACKAGED, INITRAMFS, PACKAGE_DATABASE];

export const FEWEST_LAYERS = OTHERS.length + 1;
/** What container storage takes; docker's own takes 127. */
export const MOST_LAYERS = 499;

/** A source package of this size has a layer of its own, as long as there are layers for it. Kibibytes. */
const BIG = 8 * 1024;

/** Which layer each source package goes to. */
export interface Grouping {
  /** The group of a source package. */
  of(source: string): string;
  /** The group of a path that is asked for by name, whatever package it is from. */
  component(path: string): string | undefined;
  /** Every group, the one first that changes least. */
  order: readonly string[];
}

export interface GroupingOptions {
  maxLayers: number;
  /** Sources whose kernel boots. */
  kernels: ReadonlySet<string>;
  /** What an earlier build put where. */
  previous?: ReadonlyMap<string, string> | undefined;
  /** Names of components by path: each has a layer of its own, and counts. */
  components?: ReadonlyMap<string, string> | undefined;
}

/**
 * Divides source packages among layers by name alone, so that two builds agree without knowing each other: big ones have
 * a layer each, the others share a number of layers by a hash of their name.
 * @throws AotError `usage` for a number of layers that cannot be
 */
export function groupSources(sources: readonly InstalledSource[], options: GroupingOptions): Grouping {
  const { maxLayers, previous, components = new Map<string, string>() } = options;
  checkMaxLayers(maxLayers);
  const alone = [...new Set(components.values())].sort().map(componentGroup);
  const room = maxLayers - OTHERS.length - alone.length;
  if (room < 1) throw tooManyComponents(alone.length, maxLayers);
  const kept = previous !== undefined && new Set(previous.values()).size <= room ? previous : undefined;
  const fresh = kept ? (name: string) => among([...new Set(kept.values())], name) : byName(sources, room);
  const of = (source: string): string => kept?.get(source) ?? fresh(source);
  const component = (path: string): string | undefined => {
    const name = components.get(path);
    return name === undefined ? undefined : componentGroup(name);
  };
  return { of, component, order: [...ordered(sources, of, options.kernels), ...alone, ...OTHERS] };
}

const COMPONENT = 'component-';
const componentGroup = (name: string): string => COMPONENT + name;

/** What a group that is no package's is called: by the name that was asked for. */
export const componentOf = (group: string): string | undefined =>
  group.startsWith(COMPONENT) ? group.slice(COMPONENT.length) : undefined;

const tooManyComponents = (count: number, maxLayers: number): AotError =>
  new AotError('usage', `cannot make an image of '${maxLayers}' layers: ${count} components want one each`, {
    hint: `--max-layers must be at least ${count + FEWEST_LAYERS}`,
  });

function checkMaxLayers(count: number): void {
  if (Number.isInteger(count) && count >= FEWEST_LAYERS && count <= MOST_LAYERS) return;
  throw new AotError('usage', `cannot make an image of '${count}' layers`, {
    hint: `--max-layers takes a number from ${FEWEST_LAYERS} to ${MOST_LAYERS}`,
  });
}

/** Half the room is for big packages; how many there are does not change where small ones go. */
function byName(sources: readonly InstalledSource[], room: number): (name: string) => string {
  const places = Math.floor(room / 2);
  const big = sources
    .filter((s) => s.installedSize >= BIG)
    .sort((a, b) => b.installedSize - a.installedSize || (a.name < b.name ? -1 : 1))
    .slice(0, places);
  const alone = new Set(big.map((s) => s.name));
  const bins = Array.from({ length: room - places }, (_, i) => `packages-${String(i).padStart(3, '0')}`);
  return (name) => (alone.has(name) ? `package-${name}` : among(bins, name));
}

const among = (groups: readonly string[], name: string): string =>
  groups[Number.parseInt(sha256(name).slice(0, 8), 16) % groups.length] as string;

function ordered(
  sources: readonly InstalledSource[],
  of: (source: string) => string,
  kernels: ReadonlySet<string>,
): string[] {
  const changes = new Map<string, number>();
  for (const source of sources) {
    const group = of(source.name);
    const own = kernels.has(source.name) ? Number.MAX_SAFE_INTEGER : updatesOf(source.version);
    changes.set(group, Math.max(changes.get(group) ?? 0, own));
  }
  const rows = [...changes].sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1));
  return rows.map(([group]) => group);
}

/**
 * How often a release has updated a package already, from its version: `+deb13u3` and `ubuntu0.24.04.3` are the third
 * time (Debian developer's reference 5.8.5.1, Ubuntu's security team on version numbers).
 */
export function updatesOf(version: string): number {
  const [, debian, ubuntu] = /(?:[+~]deb\d+u(\d+)|ubuntu[\d.]*\.(\d+))(?:[+~].*)?$/.exec(version) ?? [];
  return Number(debian ?? ubuntu ?? 0);
}
