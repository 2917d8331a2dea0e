import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const top = join(import.meta.dirname, '../..');
const host = 'tools/apt-ostree/src/host';

/** Libraries whose loading is felt: each takes a fifth of the time that Node itself needs, HTTP as much as Node. */
const STATUS = ['undici', 'zod', 'yaml', 'tar-stream', 'json-p3'];

test.each([
  [`${host}/status/status.ts`, STATUS],
  [`${host}/upgrade/upgrade.ts`, STATUS.filter((name) => name !== 'zod')],
  ['tools/apt-ostree/src/main.ts', STATUS],
  ['tools/aot-deploy/src/main.ts', STATUS],
])('%s loads no library that it can do without', async (entry, heavy) => {
  const loaded = await loadedBy(entry);
  expect(loaded).toContain(entry);
  expect(heavy.filter((name) => loaded.some((path) => path.includes(`/node_modules/${name}/`)))).toEqual([]);
});

/** The files from which something is there once `entry` has been loaded; what is imported on demand is not. */
async function loadedBy(entry: string): Promise<string[]> {
  const { metafile } = await build({
    ...{ entryPoints: [entry], absWorkingDir: top, outdir: 'build/unwritten' },
    ...{ bundle: true, splitting: true, write: false, metafile: true },
    ...{ format: 'esm', platform: 'node', loader: { '.txt': 'text' } },
  });
  const { outputs } = metafile;
  const seen = new Set<string>();
  const visit = (chunk: string): string[] => {
    const output = outputs[chunk];
    if (output === undefined || seen.has(chunk)) return [];
    seen.add(chunk);
    const next = output.imports.filter(({ kind }) => kind !== 'dynamic-import').flatMap(({ path }) => visit(path));
    return [...Object.keys(output.inputs), ...next];
  };
  return Object.keys(outputs)
    .filter((chunk) => outputs[chunk]?.entryPoint === entry)
    .flatMap((chunk) => visit(chunk));
}
