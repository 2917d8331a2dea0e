// node scripts/host-sources.mjs FILE: writes apt sources for the host of docs/examples, taken from this machine's own archives,
// unless FILE is there: then its builder has named others. It runs in a checkout that is built, since the library that reads
// the machine's archives for a compose reads them here too.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './lib/bundle.mjs';
import { TOP } from './lib/setup.mjs';

/** Where debian-archive-keyring, which the host has, puts the keys of Debian's archives. */
const KEY = '/usr/share/keyrings/debian-archive-keyring.gpg';

const HEADER = `# The archives of the host, where its packages come from once it runs: those of the machine that built it, as 'npm run deb'
# found them. Edit this file if the host is to use others; it is not written again.
`;

const file = process.argv[2];
if (!existsSync(file)) {
  const { hostSources } = await library();
  writeFileSync(file, `${HEADER}\n${hostSources(releasever(), KEY)}`);
}

/** As the treefile below host.yaml says. */
function releasever() {
  const words = ['compose', 'tree', '--print-only', 'docs/examples/server.yaml'];
  const program = join(TOP, 'tools/apt-ostree/bin/apt-ostree.js');
  return JSON.parse(execFileSync(process.execPath, [program, ...words], { cwd: TOP, encoding: 'utf8' })).releasever;
}

/** libs/apt is TypeScript, which Node 20 does not run. */
async function library() {
  mkdirSync(join(TOP, 'build'), { recursive: true });
  const directory = mkdtempSync(join(TOP, 'build/host-sources-'));
  const outfile = join(directory, 'apt.mjs');
  await bundle({ entryPoints: [join(TOP, 'libs/apt/src/index.ts')], outfile });
  try {
    return await import(outfile);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
