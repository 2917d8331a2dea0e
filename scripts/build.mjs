// Bundles every tool: a light main, its work in lazily loaded chunks, all libraries inlined.
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './lib/bundle.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The program, and the threads that it starts by the name of their file. */
const entryPoints = (src) =>
  readdirSync(src)
    .filter((name) => name === 'main.ts' || name.endsWith('-worker.ts'))
    .map((name) => join(src, name));

for (const tool of readdirSync(join(top, 'tools'))) {
  const outdir = join(top, 'tools', tool, 'dist');
  rmSync(outdir, { recursive: true, force: true });
  await bundle({
    entryPoints: entryPoints(join(top, 'tools', tool, 'src')),
    outdir,
    splitting: true,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
  });
}
