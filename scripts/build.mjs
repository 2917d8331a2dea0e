// Bundles every tool: a light main, its work in lazily loaded chunks, all libraries inlined.
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');

/** CommonJS dependencies ask for require, which an ES module lacks. */
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** The program, and the threads that it starts by the name of their file. */
const entryPoints = (src) =>
  readdirSync(src)
    .filter((name) => name === 'main.ts' || name.endsWith('-worker.ts'))
    .map((name) => join(src, name));

for (const tool of readdirSync(join(top, 'tools'))) {
  const outdir = join(top, 'tools', tool, 'dist');
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: entryPoints(join(top, 'tools', tool, 'src')),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    loader: { '.txt': 'text' },
    banner: { js: banner },
  });
}
