import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type PackageItem, packageId, sha256 } from '@apt-ostree/manifest';
import type { Extension } from '@apt-ostree/treefile';

export const INDEX = 'extensions.json';

/** What an output directory has or is to have. */
export interface State {
  /** The text of extensions.json. */
  text: string;
  /** Names of files, with the SHA-256 of what is in them. */
  files: ReadonlyMap<string, string>;
  /** Whether that directory has just this. */
  isIn(directory: string): boolean;
}

export function stateOf(extensions: Readonly<Record<string, Extension>>, items: readonly PackageItem[]): State {
  const packages = [...items].sort((a, b) => (packageId(a) < packageId(b) ? -1 : 1)).map(describe);
  const offered = Object.fromEntries(
    Object.entries(extensions).map(([name, { kind, packages: wanted, matchBaseEvr }]) => [
      name,
      { kind, packages: wanted, ...(matchBaseEvr === undefined ? {} : { 'match-base-evr': matchBaseEvr }) },
    ]),
  );
  const checksum = sha256(canonicalJson([offered, packages]));
  const text = `${JSON.stringify({ 'state-checksum': checksum, extensions: offered, packages }, null, 2)}\n`;
  const files = new Map(packages.map((p) => [p.file, p.sha256]));
  return { text, files, isIn: (directory) => hasAll(directory, text, files) };
}

const describe = ({ name, version, architecture, size, sha256: digest }: PackageItem) => ({
  ...{ name, version, architecture, file: fileName({ name, version, architecture }), size, sha256: digest },
});

/** As archives name it: an epoch's colon is escaped (deb-version(7) has it in no file name). */
const fileName = ({ name, version, architecture }: Pick<PackageItem, 'name' | 'version' | 'architecture'>): string =>
  `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`;

function hasAll(directory: string, text: string, files: ReadonlyMap<string, string>): boolean {
  const index = join(directory, INDEX);
  if (!existsSync(index) || readFileSync(index, 'utf8') !== text) return false;
  return [...files.keys()].every((name) => existsSync(join(directory, name)));
}
