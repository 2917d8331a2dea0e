import { run } from '@apt-ostree/run';
import type { LayerWorld } from './layer-world.ts';

export interface BasePackage {
  name: string;
  /** Undefined for a base that has the package no more. */
  version: string | undefined;
  architecture?: string;
  /** Further fields of dpkg's status file. */
  control?: Record<string, string | undefined>;
  /** What the package has, by path with a leading slash. */
  files?: Record<string, string>;
}

const ADMINDIR = 'usr/lib/sysimage/dpkg';

/**
 * Commits a base that has a package in this version, or has it no more, as far as dpkg's database and the commit's own list
 * say: what the package had stays in the tree.
 * @returns the commit
 */
export async function changeBase(world: LayerWorld, version: string, ...packages: BasePackage[]): Promise<string> {
  const { stdout: status } = await run('ostree', ['cat', `--repo=${world.repo}`, 'test/booted', `${ADMINDIR}/status`]);
  const files = packages.flatMap((p) => Object.entries(p.files ?? {}).map(([path, text]) => [path.slice(1), text]));
  const lists = packages.flatMap((p) => (p.files === undefined ? [] : [[listOf(p), `${paths(p.files)}\n`]]));
  const names = new Set(packages.map((p) => p.name));
  return world.nextCommit({
    version,
    files: { [`${ADMINDIR}/status`]: packages.reduce(changed, status), ...Object.fromEntries([...files, ...lists]) },
    packages: (all) => [...all.filter((p) => !names.has(p.name)), ...packages.flatMap(row)],
  });
}

const listOf = ({ name }: BasePackage): string => `${ADMINDIR}/info/${name}.list`;

/** A package's list has the directories too. */
function paths(files: Record<string, string>): string {
  const all = Object.keys(files).flatMap((path) =>
    path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/')),
  );
  return ['/.', ...new Set(all.filter(Boolean))].join('\n');
}

/** A stanza that is there keeps its other fields. */
function changed(status: string, p: BasePackage): string {
  const stanza = new RegExp(`^Package: ${p.name}\\n(?:.+\\n)*\\n?`, 'm');
  const before = stanza.exec(status)?.[0];
  if (p.version === undefined) return status.replace(stanza, '');
  if (before !== undefined) return status.replace(before, before.replace(/^Version: .*$/m, `Version: ${p.version}`));
  const more = Object.entries(p.control ?? {}).map(([field, value]) => `${field}: ${value}\n`);
  const head = `Package: ${p.name}\nStatus: install ok installed\nMaintainer: Test Kit <testkit@example.org>\n`;
  const fields = `Architecture: ${p.architecture ?? 'all'}\nVersion: ${p.version}\n${more.join('')}Description: x\n\n`;
  return `${status.replace(/\n*$/, '\n\n')}${head}${fields}`;
}

const row = ({ name, version, architecture = 'all' }: BasePackage) =>
  version === undefined ? [] : [{ name, version, architecture, sourcePackage: name, sourceVersion: version }];
