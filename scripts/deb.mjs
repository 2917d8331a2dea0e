// npm run deb [-- DIRECTORY]: builds the Debian package from a clean copy of the checkout and leaves it in build/deb, or in
// DIRECTORY, as a signed archive.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { makeArchive, sourcesFile } from './lib/deb-archive.mjs';
import { PACKAGE } from './lib/packages.mjs';
import { installPackages, run, TOP } from './lib/setup.mjs';

const usual = join(TOP, 'build/deb');
const output = resolve(process.argv[2] ?? usual);
const work = join(output, 'work');
const source = join(work, 'apt-ostree');
/** host.yaml is here. */
const examples = join(TOP, 'docs/examples');

/** What is not of the checkout: paths below its top. */
const MADE =
  /^(\.git|build)$|(^|\/)(node_modules|dist)$|^docs\/examples\/(apt-ostree\.|host\.sources$)|^debian\/(apt-ostreed?$|files$|\.debhelper|.*(substvars|stamp|\.debhelper)$)/;

installPackages(PACKAGE);
rmSync(work, { recursive: true, force: true });
copyCheckout(source);
run('dpkg-buildpackage', ['--build=binary', '--no-sign', ...unmet(source)], { cwd: source });
// the copy has been built, which the checkout need not be
if (output === usual) run('node', ['scripts/host-sources.mjs', join(examples, 'host.sources')], { cwd: source });
takeResults();
makeArchive(output);
if (output === usual) putBesideExamples();

/** Everything but what was made here; pnpm comes along, which saves a download. */
function copyCheckout(target) {
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(TOP).filter((n) => !MADE.test(n)))
    cpSync(join(TOP, name), join(target, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !MADE.test(relative(TOP, path)),
    });
  const pnpm = join(TOP, 'build/tooling');
  if (existsSync(pnpm)) cpSync(pnpm, join(target, 'build/tooling'), { recursive: true, verbatimSymlinks: true });
}

/** Node and npm may come from elsewhere than Debian; anything else that is missing is an error. */
function unmet(directory) {
  const { status, stderr } = spawnSync('dpkg-checkbuilddeps', [], { cwd: directory, encoding: 'utf8' });
  const missing = stderr
    .replace(/.*: /, '')
    .replace(/\([^)]*\)/g, '')
    .trim()
    .split(/\s+/);
  return status !== 0 && missing.every((name) => ['nodejs', 'npm'].includes(name)) ? ['--no-check-builddeps'] : [];
}

/** Where host.yaml finds the archive: a treefile names files beside it. */
function putBesideExamples() {
  cpSync(join(output, 'apt-ostree.asc'), join(examples, 'apt-ostree.asc'));
  writeFileSync(join(examples, 'apt-ostree.sources'), sourcesFile(output, 'apt-ostree.asc'));
}

function takeResults() {
  for (const name of readdirSync(output).filter((n) => /^apt-ostreed?_.*\.(deb|changes|buildinfo)$/.test(n)))
    rmSync(join(output, name));
  for (const name of readdirSync(work).filter((n) => /\.(deb|changes|buildinfo)$/.test(n)))
    renameSync(join(work, name), join(output, name));
  rmSync(work, { recursive: true });
}
