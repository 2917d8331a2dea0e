// npm run quickstart: from a fresh checkout to a first commit.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { GUIDES, RUN } from './lib/packages.mjs';
import { setup, TOP } from './lib/setup.mjs';

setup([...RUN, ...GUIDES]);
const aptOstree = join(TOP, 'node_modules/.bin/apt-ostree');
const args = ['compose', 'tree', '--repo', 'build/repo', '--cachedir', 'build/cache', 'docs/examples/minimal.yaml'];
process.stderr.write(`\n$ apt-ostree ${args.join(' ')}\n`);
process.exit(spawnSync(aptOstree, args, { cwd: TOP, stdio: 'inherit' }).status ?? 1);
