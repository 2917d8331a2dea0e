import { build } from 'esbuild';

/** CommonJS dependencies ask for require, which an ES module lacks. */
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Bundles TypeScript with its libraries for the oldest Node that we run on: into `outfile`, or with `splitting` into `outdir`. */
export const bundle = (options) =>
  build({
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
    loader: { '.txt': 'text' },
    banner: { js: banner },
    ...options,
  });
