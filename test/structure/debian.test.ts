import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStanzas, words } from 'deb822';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const top = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(top, file), 'utf8');
const { RUN, DISK } = (await import(join(top, 'scripts/lib/packages.mjs'))) as { RUN: string[]; DISK: string[] };
const packageJson = JSON.parse(read('package.json')) as { version: string; engines: { node: string } };

test("the package's version is that of the project", () => {
  expect(/^apt-ostree \((.+)\) \w+; urgency=\w+$/m.exec(read('debian/changelog'))?.[1]).toBe(packageJson.version);
  for (const tool of readdirSync(join(top, 'tools')))
    expect(JSON.parse(read(`tools/${tool}/package.json`)), tool).toHaveProperty('version', packageJson.version);
});

test('the package depends on what the project needs at run time', () => {
  const [, binary] = [...parseStanzas(read('debian/control'))];
  const relations = (...fields: string[]) =>
    fields.flatMap((f) => `${binary?.get(f)}`.split(',')).map((relation) => relation.trim());
  const names = (...fields: string[]) => relations(...fields).map((r) => words(r)[0]);
  expect(RUN.filter((name) => !names('Depends', 'Recommends').includes(name))).toEqual([]);
  expect(DISK.filter((name) => !names('Suggests').includes(name))).toEqual([]);
  expect(relations('Depends')).toContain(`nodejs (>= ${packageJson.engines.node.replace('>=', '')})`);
});

test('debian/copyright names every library that the bundles have in them', async () => {
  const listed = [...read('debian/copyright').matchAll(/node_modules\/(\S+)\/\*/g)].map((m) => m[1]);
  expect(listed.sort()).toEqual(await bundled());
});

/** The packages of others from which esbuild takes something. */
async function bundled(): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: readdirSync(join(top, 'tools')).map((tool) => join(top, 'tools', tool, 'src/main.ts')),
    outdir: join(top, 'build/unwritten'),
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    loader: { '.txt': 'text' },
  });
  const names = Object.keys(metafile.inputs).flatMap(
    (path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
}
