import { infoName, parseStatus } from '@apt-ostree/dpkg';
import type { CommittedPackage } from '@apt-ostree/ostree';
import type { Stanza } from 'deb822';

/** A source package of which binary packages are installed. */
export interface InstalledSource {
  name: string;
  version: string;
  /** Kibibytes, as its binary packages say of themselves. */
  installedSize: number;
  /** The binary packages, as dpkg names their files below info/. */
  binaries: string[];
}

export interface Installed {
  sources: readonly InstalledSource[];
  packages: readonly CommittedPackage[];
  /** What the tree runs on, in Debian's words; undefined where every package runs anywhere. */
  architecture: string | undefined;
}

/** What dpkg's status file says is installed, by source package. */
export function installed(status: string): Installed {
  const sources = new Map<string, InstalledSource>();
  const packages: CommittedPackage[] = [];
  for (const stanza of parseStatus(status)) {
    const name = stanza.get('Package');
    if (name === undefined || !/ (installed|triggers-\w+)$/.test(stanza.get('Status') ?? '')) continue;
    packages.push(add(sources, name, stanza));
  }
  return {
    sources: [...sources.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    packages,
    architecture: architectureOf(packages),
  };
}

/** That of dpkg; other packages may be of a foreign one. */
function architectureOf(packages: readonly CommittedPackage[]): string | undefined {
  const native = packages.filter((p) => p.architecture !== 'all');
  return (native.find((p) => p.name === 'dpkg') ?? native[0])?.architecture;
}

/** @returns the binary package */
function add(sources: Map<string, InstalledSource>, binary: string, stanza: Stanza): CommittedPackage {
  const version = stanza.get('Version') ?? '';
  const [, name = binary, sourceVersion = version] =
    /^(\S+)(?: \((\S+)\))?$/.exec(stanza.get('Source') ?? binary) ?? [];
  const source = sources.get(name) ?? {
    name,
    version: sourceVersion,
    installedSize: 0,
    binaries: [],
  };
  source.installedSize += Number(stanza.get('Installed-Size') ?? 0) || 0;
  const [architecture, multiArch] = [stanza.get('Architecture') ?? '', stanza.get('Multi-Arch') ?? 'no'];
  source.binaries.push(infoName({ name: binary, architecture, multiArch }));
  sources.set(name, source);
  return { name: binary, version, architecture, sourcePackage: name, sourceVersion };
}
