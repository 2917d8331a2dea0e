import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const top = join(import.meta.dirname, '../..');

/** The layers of HACKING.md: a library imports only from layers below its own. */
const LAYER: Record<string, number> = {
  ...{ 'ar-stream': 0, deb822: 0, 'deb-version': 0, errors: 0 },
  ...{ cli: 1, http: 1, manifest: 1, run: 1 },
  ...{ treefile: 2, apt: 2, dpkg: 2, ostree: 2, bwrap: 2, oci: 2 },
  ...{ layout: 3, pipeline: 3, host: 3, dbus: 3 },
  ...{ docgen: 4, testkit: 4 },
};
/** Within a layer: these build on those. */
const BESIDE: Record<string, string[]> = {
  'ar-stream': ['errors'],
  deb822: ['errors'],
  'deb-version': ['errors'],
  cli: ['manifest'],
  run: ['manifest'],
  oci: ['dpkg', 'ostree'],
};

interface Package {
  name: string;
  directory: string;
  json: Record<string, unknown> & { dependencies?: Record<string, string> };
  /** Path below the top, text. */
  sources: [string, string][];
}

const packages: Package[] = ['libs', 'tools'].flatMap((kind) =>
  readdirSync(join(top, kind)).map((name) => {
    const directory = join(kind, name);
    const json = JSON.parse(readFileSync(join(top, directory, 'package.json'), 'utf8'));
    return { name, directory, json, sources: sourcesOf(join(directory, 'src')) };
  }),
);
const libs = packages.filter((p) => p.directory.startsWith('libs/'));
const tools = packages.filter((p) => p.directory.startsWith('tools/'));

function sourcesOf(directory: string): [string, string][] {
  if (!existsSync(join(top, directory))) return [];
  const entries = readdirSync(join(top, directory), { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile() && e.name.endsWith('.ts'))
    .map((e) => [join(e.parentPath, e.name).slice(top.length + 1), readFileSync(join(e.parentPath, e.name), 'utf8')]);
}

/** What a source imports from other packages, by package name: `@apt-ostree/run/namespace` is `@apt-ostree/run`. */
function importsOf(text: string): string[] {
  const specifiers = [...text.matchAll(/(?:from |import\()'([@\w:/.-]+)'/g)]
    .map((m) => m[1] as string)
    .filter((s) => !s.startsWith('.'));
  return specifiers.map((s) => (s.startsWith('@') ? s.split('/').slice(0, 2).join('/') : (s.split('/')[0] as string)));
}

/** The files of `packages` in which `pattern` occurs, apart from those of the packages in `allowed`. */
const offenders = (pattern: RegExp, allowed: readonly string[], among = packages): string[] =>
  among
    .filter((p) => !allowed.includes(p.directory))
    .flatMap((p) => p.sources)
    .filter(([, text]) => pattern.test(text))
    .map(([path]) => path);

const ownName = (specifier: string): string => specifier.replace('@apt-ostree/', '');

test('every library has a layer', () => {
  expect(libs.map((l) => l.name).filter((name) => LAYER[name] === undefined)).toEqual([]);
});

test('a library imports only from lower layers', () => {
  const wrong = libs.flatMap((lib) =>
    lib.sources.flatMap(([path, text]) =>
      importsOf(text)
        .map(ownName)
        .filter((name) => name !== lib.name && LAYER[name] !== undefined)
        .filter((name) => (LAYER[name] as number) >= (LAYER[lib.name] as number) && !BESIDE[lib.name]?.includes(name))
        .map((name) => `${path} imports ${name}`),
    ),
  );
  expect(wrong).toEqual([]);
});

test('nothing imports a tool, and tools do not import what is for development', () => {
  const names = new Set(tools.map((t) => t.name));
  const wrong = packages.flatMap((p) =>
    p.sources.flatMap(([path, text]) =>
      importsOf(text)
        .filter((s) => names.has(s) || (p.directory.startsWith('tools/') && /docgen|testkit/.test(s)))
        .map((s) => `${path} imports ${s}`),
    ),
  );
  expect(wrong).toEqual([]);
  expect(offenders(/from '(\.\.\/)+(tools|aot-|apt-ostree\/)/, [])).toEqual([]);
});

test('what is imported is a declared dependency', () => {
  const wrong = packages.flatMap((p) =>
    p.sources.flatMap(([path, text]) =>
      importsOf(text)
        .filter((s) => !s.startsWith('node:') && s !== p.json['name'] && p.json.dependencies?.[s] === undefined)
        .map((s) => `${path} imports ${s}`),
    ),
  );
  expect(wrong).toEqual([]);
});

test('only libs/run spawns processes', () => {
  expect(offenders(/'node:child_process'/, ['libs/run', 'libs/testkit'])).toEqual([]);
});

test('only libs/manifest and libs/treefile know the schema library', () => {
  expect(offenders(/from 'zod/, ['libs/manifest', 'libs/treefile'])).toEqual([]);
});

test('only libs/cli touches the standard streams and ends the process', () => {
  const pattern = /process\.(exit\(|exitCode|stdout|stdin|stderr)|console\.|writeSync\([012],/;
  expect(offenders(pattern, ['libs/cli', 'libs/testkit', 'libs/run'])).toEqual([]);
});

test('no source runs a shell line', () => {
  expect(offenders(/shell: true|'(ba|da)?sh', \[?'-c'/, ['libs/testkit'])).toEqual([]);
});

test('package.json files are alike', () => {
  for (const { directory, json } of packages) {
    expect(json['engines'], directory).toEqual({ node: '>=20.19' });
    expect(json['license'], directory).toBe('Apache-2.0');
    expect(json['type'], directory).toBe('module');
    expect(json['description'], directory).toMatch(/^[A-Z].*[^.]$/);
    expect(json['version'], directory).toBe('0.1.0');
    for (const [name, version] of Object.entries(json.dependencies ?? {}))
      expect(version, `${directory}: ${name}`).toMatch(/^(workspace:\*|catalog:)$/);
  }
});

test('every package has a README that begins with its name', () => {
  for (const { directory, json } of packages)
    expect(readFileSync(join(top, directory, 'README.md'), 'utf8'), directory).toMatch(
      new RegExp(`^# ${json['name']}\n`),
    );
});

test('a definition stands apart from its work, which is loaded when it is needed', () => {
  const definitions = tools.flatMap((t) => t.sources).filter(([path]) => path.endsWith('command.ts'));
  expect(definitions.length).toBeGreaterThan(tools.length);
  const heavy =
    /^import (?!type).*'(@apt-ostree\/(run|treefile|apt|dpkg|ostree|bwrap|pipeline)|yaml|undici|tar-stream)'/m;
  expect(definitions.filter(([, text]) => heavy.test(text)).map(([path]) => path)).toEqual([]);
});

/** Hosts, and paths of a builder's own machine, have no place in what everybody gets. */
const FORBIDDEN = [
  /\b(deb|security|ftp|snapshot|archive|cdn|ports)\.(\w+\.)?(debian|ubuntu)\.(org|com)\b/,
  /registry\.npmjs\.org/,
  /(^|[\s'"`(=])\/(work|farm)\//,
];

test('no mirror and no path of a build machine is named', () => {
  const texts = packages.flatMap((p) => [
    ...p.sources,
    [`${p.directory}/README.md`, readFileSync(join(top, p.directory, 'README.md'), 'utf8')] as [string, string],
  ]);
  const wrong = texts.filter(([, text]) => FORBIDDEN.some((pattern) => pattern.test(text))).map(([path]) => path);
  expect(wrong).toEqual([]);
});
