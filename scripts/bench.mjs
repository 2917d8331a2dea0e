// pnpm bench: builds the tools, bundles the benchmark and runs it.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './build.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(top, 'build/bench/main.mjs');
await build({
  entryPoints: [join(top, 'test/bench/main.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'bundle',
  external: ['esbuild'],
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
});
// Found beside the module that names them, wherever that is.
cpSync(join(top, 'libs/testkit/src/data'), join(top, 'build/bench/data'), { recursive: true });
process.exit(
  spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: top, stdio: 'inherit' }).status ?? 1,
);
