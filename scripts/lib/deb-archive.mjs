// A flat archive: indices of the packages in a directory, signed, with the public key and a .sources file beside them.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from './setup.mjs';

const INDICES = ['Packages', 'Release', 'InRelease'];
const KEY_OF_THE_CALLER = 'APT_OSTREE_DEB_KEY';

/**
 * Signs with the secret key whose fingerprint APT_OSTREE_DEB_KEY names in the caller's own key ring; without it, with one
 * that is made for this directory and stays there.
 */
export function makeArchive(directory) {
  for (const name of INDICES) rmSync(join(directory, name), { force: true }); // or they would be listed as of the archive
  const newest = newestChange(directory);
  const packages = output('dpkg-scanpackages', ['--multiversion', '.'], directory);
  writeFileSync(join(directory, 'Packages'), packages);
  const release = output('apt-ftparchive', [...fields(newest), 'release', '.'], directory);
  writeFileSync(join(directory, 'Release'), release);
  sign(directory, keyOf(directory));
  writeFileSync(join(directory, 'apt-ostree.sources'), sourcesFile(directory, join(directory, 'apt-ostree.asc')));
}

const fields = (date) =>
  Object.entries({ Origin: 'apt-ostree', Label: 'apt-ostree', Suite: './', Date: date }).flatMap(([name, value]) => [
    '-o',
    `APT::FTPArchive::Release::${name}=${value}`,
  ]);

/** The date of the archive is that of the package's last change, so that the same sources give the same indices. */
function newestChange(directory) {
  const file = readdirSync(directory).find((name) => name.endsWith('.changes'));
  if (file === undefined) fail(`no package was built in '${directory}'`);
  const date = output('grep', ['-m1', '^Date:', file], directory).slice('Date: '.length);
  return new Date(date).toUTCString().replace('GMT', 'UTC');
}

/** What gpg needs to be told to use the key: its home and its name. */
function keyOf(directory) {
  const name = process.env[KEY_OF_THE_CALLER];
  if (name) return ['--local-user', name];
  const home = join(directory, 'key');
  const user = 'apt-ostree archive on this machine';
  if (!existsSync(join(home, 'pubring.kbx'))) {
    mkdirSync(home, { recursive: true });
    chmodSync(home, 0o700);
    gpg(['--homedir', home, '--quick-generate-key', user, 'ed25519', 'sign', 'never'], directory);
  }
  return ['--homedir', home, '--local-user', `=${user}`];
}

function sign(directory, key) {
  const to = (file) => ['--yes', '--output', join(directory, file)];
  gpg([...key, ...to('InRelease'), '--clearsign', 'Release'], directory);
  const name = key.at(-1);
  const home = key[0] === '--homedir' ? key.slice(0, 2) : [];
  gpg([...home, ...to('apt-ostree.asc'), '--armor', '--export', name], directory);
  if (home.length > 0) output('gpgconf', [...home, '--kill', 'gpg-agent'], directory); // it would outlive the build
}

const gpg = (args, cwd) =>
  output('gpg', ['--batch', '--quiet', '--passphrase', '', '--pinentry-mode', 'loopback', ...args], cwd);

/** The archive in sources.list(5)'s words. */
export const sourcesFile = (directory, key) => `Types: deb
URIs: file:${directory}
Suites: ./
Signed-By: ${key}
`;

function output(file, args, cwd) {
  const { error, status, stdout, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error) fail(`cannot run '${file}': ${error.message}`);
  if (status !== 0) fail(`'${file}' failed: ${stderr.trim()}`);
  return stdout;
}
