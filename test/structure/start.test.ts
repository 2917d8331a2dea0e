import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { expect, test } from 'vitest';

const top = join(import.meta.dirname, '../..');
const host = 'tools/apt-ostree/src/host';

/** Libraries whose loading is felt: each takes a fifth of the time that Node itself needs, HTTP as much as Node. */
const STATUS = ['undici', 'zod', 'yaml', 'tar-stream', 'json-p3'];

test.each([
  ['apt-ostree', `${host}/status/status.ts`, STATUS],
  ['apt-ostree', `${host}/db/diff.ts`, STATUS],
  ['apt-ostree', `${host}/upgrade/upgrade.ts`, STATUS],
  ['apt-ostree', 'tools/apt-ostree/src/main.ts', STATUS],
  ['aot-deploy', 'tools/aot-deploy/src/main.ts', STATUS],
])('%s: %s loads no library that it can do without', async (tool, entry, heavy) => {
  const loaded = await loadedBy(tool, entry);
  expect(loaded).toContain(entry);
  expect(heavy.filter((name) => loaded.some((path) => path.includes(`/node_modules/${name}/`)))).toEqual([]);
});

/** A library of ours that is not felt by itself is by what it brings along: where solving begins, and the whole of images. */
test.each(['status/status.ts', 'upgrade/upgrade.ts'])(
  '%s loads nothing of layers, archives and images',
  async (verb) => {
    const loaded = await loadedBy('apt-ostree', `${host}/${verb}`);
    const others = ['apt', 'dbus', 'dpkg', 'manifest', 'oci', 'treefile'].map((name) => `libs/${name}/`);
    const all = [...others, 'libs/pipeline/src/pipeline.ts', `${host}/layer/`];
    expect(loaded.filter((path) => all.some((start) => path.startsWith(start)))).toEqual([]);
  },
);

/** The files from which something is there once `entry` has been loaded; what is imported on demand is not. */
async function loadedBy(tool: string, entry: string): Promise<string[]> {
  const outputs = await bundle(tool);
  const seen = new Set<string>();
  const visit = (chunk: string): string[] => {
    const output = outputs[chunk];
    if (output === undefined || seen.has(chunk)) return [];
    seen.add(chunk);
    const next = output.imports.filter(({ kind }) => kind !== 'dynamic-import').flatMap(({ path }) => visit(path));
    const inputs = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    return [...inputs.map(([path]) => path), ...next];
  };
  return Object.keys(outputs)
    .filter((chunk) => outputs[chunk]?.entryPoint === entry)
    .flatMap((chunk) => visit(chunk));
}

const bundles = new Map<string, Promise<Metafile['outputs']>>();

/** The whole tool, as scripts/build.mjs bundles it: in a module that parts share, each finds also what only others use of it. */
function bundle(tool: string): Promise<Metafile['outputs']> {
  const known = bundles.get(tool) ?? write(tool);
  bundles.set(tool, known);
  return known;
}

async function write(tool: string): Promise<Metafile['outputs']> {
  const { metafile } = await build({
    ...{ entryPoints: [`tools/${tool}/src/main.ts`], absWorkingDir: top, outdir: 'build/unwritten' },
    ...{ bundle: true, splitting: true, write: false, metafile: true },
    ...{ format: 'esm', platform: 'node', loader: { '.txt': 'text' } },
  });
  return metafile.outputs;
}
