// pnpm bench: builds the tools, bundles the benchmark and runs it.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './build.mjs';
import { bundle } from './lib/bundle.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(top, 'build/bench/main.mjs');
await bundle({ entryPoints: [join(top, 'test/bench/main.ts')], outfile, external: ['esbuild'] });
// Found beside the module that names them, wherever that is.
cpSync(join(top, 'libs/testkit/src/data'), join(top, 'build/bench/data'), { recursive: true });
process.exit(
  spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: top, stdio: 'inherit' }).status ?? 1,
);
