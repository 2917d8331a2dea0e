import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { hostArchitecture, tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { TOP } from '../lib/checkout.ts';
import { debArchive } from '../lib/deb-archive.ts';
import { copyTree, inTree } from '../lib/enter.ts';
import { guideDirectory, sessionWithCache, shellBlocks } from '../lib/guide.ts';
import { realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';

const archive = join(TOP, 'build/deb');
const machine = join(scratch('debian-package-machine'), 'root');
const work = scratch('debian-package');
const { version } = JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8')) as { version: string };
const file = `apt-ostree_${version}_all.deb`;
const tools = readdirSync(join(TOP, 'tools'));
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0K8rP1QXr8Yy4Qm4Qp builder@example';

const deb = (args: string[], env = {}) => run('node', ['scripts/deb.mjs', ...args], { cwd: TOP, env });

beforeAll(async () => {
  await debArchive();
});

describe('the package', () => {
  it('has nothing that lintian calls an error', async () => {
    const changes = readdirSync(archive).find((name) => name.endsWith('.changes')) as string;
    const result = await run('lintian', ['--allow-root', '--fail-on', 'error', join(archive, changes)], { ok: 'any' });
    expect({ exitCode: result.exitCode, errors: `${result.stdout}`.match(/^E: .*$/gm) }).toEqual({
      exitCode: 0,
      errors: null,
    });
  });

  it('is the same from another directory, in another time zone, under another mask', async () => {
    const elsewhere = join(work, 'a longer name');
    await run('sh', ['-c', 'umask 077; exec node scripts/deb.mjs "$1"', 'sh', elsewhere], {
      cwd: TOP,
      env: { TZ: 'Pacific/Auckland', LC_ALL: 'C' },
    });
    expect(readFileSync(join(elsewhere, file)).equals(readFileSync(join(archive, file)))).toBe(true);
    expect(readFileSync(join(elsewhere, 'Release'), 'utf8')).toBe(readFileSync(join(archive, 'Release'), 'utf8'));
  });

  it('holds bundles, and no node_modules', async () => {
    const contents = async (deb: string) => (await run('dpkg-deb', ['--contents', join(archive, deb)])).stdout;
    const [own, daemon] = [await contents(file), await contents(`apt-ostreed_${version}_all.deb`)];
    expect(own + daemon).not.toMatch(/node_modules/);
    for (const tool of tools)
      expect(tool === 'apt-ostreed' ? daemon : own).toMatch(
        new RegExp(`/usr/bin/${tool} -> \\.\\./lib/apt-ostree/${tool}/bin/`),
      );
  });

  it('comes with archives for a host, unless its builder has named others', async () => {
    const file = join(work, 'host.sources');
    const put = () => run('node', ['scripts/host-sources.mjs', file], { cwd: TOP });
    await put();
    expect(readFileSync(file, 'utf8')).toMatch(/^Suites: trixie$/m);
    writeFileSync(file, 'mine\n');
    await put();
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
  });

  it('is signed by the key of the caller where there is one', async () => {
    const home = join(work, 'caller');
    mkdirSync(home, { mode: 0o700 });
    const gpg = (...args: string[]) => run('gpg', ['--homedir', home, '--batch', '--passphrase', '', ...args]);
    await gpg('--quick-generate-key', 'caller', 'ed25519', 'sign', 'never');
    const { stdout } = await gpg('--with-colons', '--list-keys');
    const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(stdout)?.[1] as string;

    await deb([join(work, 'signed')], { GNUPGHOME: home, APT_OSTREE_DEB_KEY: fingerprint });

    const { stderr } = await run('gpg', ['--homedir', home, '--verify', join(work, 'signed/InRelease')]);
    expect(stderr).toContain(fingerprint);
    expect(existsSync(join(work, 'signed/key'))).toBe(false);
  });
});

describe('on a fresh Debian 13', () => {
  const inside = (...argv: string[]) => inTree(machine, '/root', argv, { DEBIAN_FRONTEND: 'noninteractive' });
  const apt = (...args: string[]) => inside('apt-get', '--yes', '--quiet', '--no-install-recommends', ...args);
  const at = (path: string) => join(machine, path);

  beforeAll(async () => {
    const tree = await realTree('test/trees/newcomer.yaml');
    await copyTree(tree.rootfs, machine, 'trixie');
    publish(archive, at('srv/archive'));
    const stanza = readFileSync(join(archive, 'apt-ostree.sources'), 'utf8').replaceAll(archive, '/srv/archive');
    writeFileSync(at('etc/apt/sources.list.d/apt-ostree.sources'), stanza);
    await good(apt('update'));
  });

  it('installs with packages of Debian alone', async () => {
    await good(apt('install', 'apt-ostree', 'apt-ostreed'));
    expect(await status()).toBe(`install ok installed ${version}`);
    expect((await inside('dpkg', '--verify', 'apt-ostree', 'apt-ostreed')).stdout).toBe('');
  });

  it.each(tools)('%s runs from where it is installed', async (tool) => {
    const help = await good(inside(tool, '--help'));
    expect(help.stdout).toContain(tool);
    expect((await good(inside(tool, '--version'))).stdout).toContain(version);
  });

  it('has every manual page and completion of the project', () => {
    const project = (directory: string) => readdirSync(join(TOP, directory)).sort();
    const installed = (directory: string) => readdirSync(at(`usr/share/${directory}`));
    expect(installed('man/man1')).toEqual(expect.arrayContaining(pages(project('man'), '.1')));
    expect(installed('man/man5')).toEqual(expect.arrayContaining(pages(project('man'), '.5')));
    expect(installed('man/man8')).toEqual(expect.arrayContaining(pages(project('man'), '.8')));
    expect(installed('bash-completion/completions')).toEqual(expect.arrayContaining(project('completions/bash')));
    expect(installed('fish/vendor_completions.d')).toEqual(expect.arrayContaining(project('completions/fish')));
    expect(installed('zsh/vendor-completions')).toEqual(expect.arrayContaining(project('completions/zsh')));
  });

  it('composes one of its own examples, with the stages that are installed beside it', async () => {
    const examples = '/usr/share/doc/apt-ostree/examples';
    const flat = await good(inside('apt-ostree', 'compose', 'tree', '--print-only', `${examples}/server.yaml`));
    expect(JSON.parse(flat.stdout)).toMatchObject({ releasever: 'trixie' });
    await good(inside('ostree', 'init', '--repo=/srv/repo', '--mode=bare-user'));
    const { stdout } = await good(
      inside('apt-ostree', 'compose', 'tree', '--repo=/srv/repo', `${examples}/minimal.yaml`),
    );
    expect(stdout).toMatch(/minimal => [0-9a-f]{64}/);
    expect(readdirSync(at('var/cache/apt-ostree'))).toContain('archives');
  });

  it('upgrades, and leaves configuration and cache alone', async () => {
    const configuration = `${readFileSync(at('etc/apt-ostreed.conf'), 'utf8')}# the administrator's\n`;
    writeFileSync(at('etc/apt-ostreed.conf'), configuration);
    const newer = await repackage(`${version}+next`);
    cpSync(newer, at('srv/newer.deb'));
    await good(apt('install', '/srv/newer.deb'));
    expect(await status()).toBe(`install ok installed ${version}+next`);
    expect(readFileSync(at('etc/apt-ostreed.conf'), 'utf8')).toBe(configuration);
    expect(readdirSync(at('var/cache/apt-ostree'))).toContain('archives');
  });

  it('explains itself to whoever runs apt or dpkg on a booted deployment, before dpkg does anything', async () => {
    const booted = 'touch /run/ostree-booted; mount --bind /usr /usr; mount -o remount,bind,ro /usr;';
    const refused = await inside('sh', '-c', `${booted} exec apt-get --yes install hello`);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('this system was booted from OSTree');
    expect(refused.stderr).toContain('apt-ostree install NAME');
    const byDpkg = await inside('sh', '-c', `${booted} exec dpkg --remove apt-ostree`);
    expect(byDpkg.exitCode).not.toBe(0);
    expect(byDpkg.stderr).toContain('this system was booted from OSTree');
    expect(await status()).toContain('install ok installed');
    expect(`${refused.stdout}${refused.stderr}`).not.toMatch(/Unpacking hello/);
    const hook = '/usr/lib/apt-ostree/apt-hook';
    expect((await inside('sh', '-c', `${booted} touch /run/.containerenv; ${hook}`)).exitCode).toBe(0);
    expect((await inside('sh', '-c', `${booted} ${hook}`)).exitCode).toBe(1);
  });

  it('lets apt work where /usr can be written', async () => {
    await good(inside('sh', '-c', 'touch /run/ostree-booted; exec apt-get --yes install hello'));
    expect(existsSync(at('usr/bin/hello'))).toBe(true);
  });

  it('is removed and purged without a trace', async () => {
    const { stdout } = await good(inside('dpkg', '--listfiles', 'apt-ostree'));
    await good(apt('remove', 'apt-ostree'));
    expect(existsSync(at('etc/apt-ostreed.conf'))).toBe(true);
    await good(apt('remove', 'hello')); // apt works with the hook's configuration left behind
    await good(apt('purge', 'apt-ostree'));
    const own = stdout.split('\n').filter((path) => path.includes('apt-ostree') || path.includes('/aot'));
    expect(own.length).toBeGreaterThan(50);
    expect(own.filter((path) => existsSync(at(path)))).toEqual([]);
    expect(existsSync(at('var/cache/apt-ostree'))).toBe(false);
    expect(await status()).toBe('');
  });

  const status = async (): Promise<string> =>
    (await inside('dpkg-query', '--show', '--showformat=${Status} ${Version}', 'apt-ostree')).stdout;
});

describe('the guide to hosts', () => {
  const GUIDE = 'docs/hosts.md';
  const ref = `debian/13/${hostArchitecture()}/host`;
  let directory: string;
  let list: (path: string) => Promise<string>;

  beforeAll(async () => {
    directory = guideDirectory('docs-hosts-md-disk');
    const home = join(directory, 'home');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    writeFileSync(join(home, '.ssh/id_ed25519.pub'), `${KEY}\n`);
    const repo = '--repo=build/hosts/repo';
    const blocks = [
      shellBlocks(GUIDE)[0] as string,
      `mkdir -p build/hosts; ostree init ${repo} --mode=archive; ostree config ${repo} set archive.zlib-level 1`,
      ...shellBlocks(GUIDE, 'sh disk'),
    ];
    expect(blocks.length).toBe(3);
    await good(sessionWithCache(blocks, directory, { HOME: home }));
    list = async (path) => (await run('ostree', ['ls', repo, ref, path], { cwd: directory })).stdout;
  });

  it('makes a disk of docs/examples/host.yaml', () => {
    const { size, blocks } = statSync(join(directory, 'build/hosts/host.img'));
    expect(size).toBeGreaterThan(blocks * 512);
  });

  it('makes a host that has the packages, the archives of the machine that built it, and one hook for apt', async () => {
    expect(await list('/usr/etc/apt/apt.conf.d')).toContain('90apt-ostree');
    expect(await list('/usr/etc/apt/apt.conf.d')).not.toContain('90aot-ostree');
    expect(await list('/usr/lib/apt-ostree')).toContain('/usr/lib/apt-ostree/aot-resolve');
    expect(await list('/usr/bin')).toContain('/usr/bin/apt-ostreed');
    expect(await list('/usr/etc/apt/sources.list.d')).toMatch(
      /^[^\n]*\n[^\n]* \/usr\/etc\/apt\/sources.list.d\/debian.sources\n$/,
    );
    const path = '/usr/etc/apt/sources.list.d/debian.sources';
    const { stdout } = await run('ostree', ['cat', '--repo=build/hosts/repo', ref, path], { cwd: directory });
    expect(stdout).toBe(readFileSync(join(TOP, 'docs/examples/host.sources'), 'utf8'));
    expect(stdout).toMatch(/^Suites: trixie$/m);
    const keyring = /^Signed-By: (.*)$/m.exec(stdout)?.[1] as string;
    expect(await list(keyring)).toContain(keyring);
  });

  it('makes one that no lint complains about', async () => {
    const lint = ['compose', 'lint', '--fatal-warnings', '--repo', join(directory, 'build/hosts/repo'), ref];
    const result = await tool('apt-ostree', lint);
    expect(result, result.stdout).toMatchObject({ code: 0, stderr: '' });
  });
});

/** Awaits a command that must end well, and shows what it said when it does not. */
async function good<T extends { exitCode?: number | undefined; stdout: string; stderr: string }>(
  running: Promise<T>,
): Promise<T> {
  const result = await running;
  expect(result.exitCode, `${result.stdout}\n${result.stderr}`).toBe(0);
  return result;
}

function publish(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((n) => n !== 'key')) cpSync(join(from, name), join(to, name));
}

const pages = (names: string[], section: string): string[] =>
  names.filter((name) => name.endsWith(section)).map((name) => `${name}.gz`);

/** The same package as a later version. */
async function repackage(later: string): Promise<string> {
  const directory = join(work, 'later');
  await run('dpkg-deb', ['--raw-extract', join(archive, file), directory]);
  const control = join(directory, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*/m, `Version: ${later}`));
  await run('dpkg-deb', ['--root-owner-group', '--build', directory, join(work, 'later.deb')]);
  return join(work, 'later.deb');
}
