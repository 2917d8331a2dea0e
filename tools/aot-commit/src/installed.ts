import { installedStanzas } from '@apt-ostree/dpkg';
import { type CommitManifest, packageId } from '@apt-ostree/manifest';
import { byBytes, type Tree } from '@apt-ostree/ostree';
import { parseRelationships, parseStanzas } from 'deb822';

export interface Installed {
  /** `name:architecture` */
  id: string;
  name: string;
  essential: boolean;
  /** Names that Depends and Pre-Depends mention, alternatives too. */
  needs: readonly string[];
  recommends: readonly string[];
  provides: readonly string[];
  /** What dpkg lists as its paths, without leading slash and with /usr merged. */
  paths: readonly string[];
}

const ADMINDIR = 'var/lib/dpkg';

/** The packages of dpkg's database in a tree whose /var has not moved yet, in the order of the database. */
export function installed(tree: Tree): Installed[] {
  const info = new Set(tree.list(`${ADMINDIR}/info`));
  const result: Installed[] = [];
  for (const stanza of parseStanzas(tree.readText(`${ADMINDIR}/status`) ?? '')) {
    const name = stanza.get('Package') ?? '';
    const architecture = stanza.get('Architecture') ?? '';
    const list = [`${name}:${architecture}.list`, `${name}.list`].find((file) => info.has(file));
    result.push({
      id: packageId({ name, architecture }),
      name,
      essential: stanza.get('Essential') === 'yes',
      needs: ['Depends', 'Pre-Depends'].flatMap((field) => mentioned(stanza.get(field))),
      recommends: mentioned(stanza.get('Recommends')),
      provides: mentioned(stanza.get('Provides')),
      paths: list === undefined ? [] : listed(tree.readText(`${ADMINDIR}/info/${list}`) ?? ''),
    });
  }
  return result;
}

const mentioned = (field: string | undefined): string[] =>
  parseRelationships(field ?? '').flatMap((c) => c.map((r) => r.name));

const listed = (text: string): string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => merged(line.slice(1)));

/** Packages may still say /bin; the tree has it as a link to usr/bin. */
const merged = (path: string): string => (/^(bin|sbin|lib|lib32|lib64|libx32)\//.test(path) ? `usr/${path}` : path);

/** The packages that dpkg's database has as installed, by name and architecture. */
export function installedPackages(tree: Tree): CommitManifest['packages'] {
  const stanzas = installedStanzas(tree.readText(`${ADMINDIR}/status`) ?? '');
  const packages = stanzas.map((stanza) => {
    const [name = '', version = '', architecture = ''] = ['Package', 'Version', 'Architecture'].map((f) =>
      stanza.get(f),
    );
    const [, source = name, sourceVersion = version] =
      /^(\S+)(?:\s+\(([^)]+)\))?$/.exec(stanza.get('Source') ?? '') ?? [];
    return { name, version, architecture, sourcePackage: source, sourceVersion };
  });
  return packages.sort((a, b) => byBytes(packageId(a), packageId(b)));
}
