// Installs what is missing: Debian packages, pnpm at its pinned version, dependencies. Needs nothing but Node and npm.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const TOP = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Ends with a message for people and the exit code of a failed set-up. */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

export function run(file, args, options = {}) {
  const result = spawnSync(file, args, { cwd: TOP, stdio: 'inherit', ...options });
  if (result.error) fail(`cannot run '${file}': ${result.error.message}`);
  if (result.status !== 0) fail(`'${[file, ...args].join(' ')}' failed`);
}

/** Brings the checkout to where its tools run. */
export function setup(packages) {
  checkNode();
  installPackages(packages);
  const pnpm = installPnpm();
  run(process.execPath, [
    pnpm,
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
    '--reporter=append-only',
    '--loglevel=warn',
  ]);
  run(process.execPath, ['scripts/build.mjs']);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old: 20.19 or newer is needed`);
}

/** Installs the Debian packages that are missing; without root, it ends with the line that would. */
export function installPackages(wanted) {
  const missing = wanted.filter((name) => !installed(name));
  if (missing.length === 0) return;
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  if (process.getuid() !== 0)
    fail(
      `Debian packages are missing. Run this line, then the same command again:\n\n  sudo apt-get ${install.join(' ')}\n`,
    );
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  process.stderr.write(`Installing Debian packages: ${missing.join(' ')}\n`);
  run('apt-get', ['update', '--quiet=2'], { env });
  run('apt-get', ['--quiet=2', ...install], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function installed(name) {
  const { stdout } = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name], {
    encoding: 'utf8',
  });
  return stdout === 'installed';
}

/** pnpm beside the checkout's build results, so that nothing global changes. */
function installPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8'));
  const version = packageManager.split('@')[1];
  const prefix = join(TOP, 'build/tooling');
  const program = join(prefix, 'node_modules/pnpm/bin/pnpm.cjs');
  if (
    !existsSync(program) ||
    execFileSync(process.execPath, [program, '--version'], { encoding: 'utf8' }).trim() !== version
  ) {
    mkdirSync(prefix, { recursive: true });
    run('npm', [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--prefix',
      prefix,
      `pnpm@${version}`,
    ]);
  }
  return program;
}
