import { existsSync, lstatSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { databaseOf } from '../lib/dpkg-database.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';
import { type Entry, snapshot } from '../lib/snapshot.ts';
import { sweepAfter } from '../lib/sweep.ts';

// What Debian on OSTree must be, as far as files alone show it; what its own programs make of it is in commit.test.ts.
describe.each(['minimal', 'server'] as const)('the committed tree of %s', (name) => {
  const directory = scratch(`${name}-committed`);
  const checkout = join(directory, 'root');
  let tree: RealTree;
  let entries: Map<string, Entry>;
  let tmpfiles: string[][];

  beforeAll(async () => {
    tree = await realTree(`docs/examples/${name}.yaml`);
    await run('ostree', ['checkout', `--repo=${tree.repo}`, '--force-copy', tree.commit.commit, checkout]);
    entries = await snapshot(checkout);
    tmpfiles = text('usr/lib/tmpfiles.d/aot-var.conf')
      .split('\n')
      .map((line) => line.split(' '));
  });
  sweepAfter(() => [directory]);

  const text = (path: string) => readFileSync(join(checkout, path), 'utf8');
  const below = (directory: string) => [...entries.keys()].filter((path) => path.startsWith(`${directory}/`));
  const link = (path: string) => entries.get(path)?.content;

  it('has a merged /usr', () => {
    for (const directory of ['bin', 'sbin', 'lib', ...(entries.has('/usr/lib64') ? ['lib64'] : [])])
      expect(link(`/${directory}`)).toBe(`usr/${directory}`);
  });

  it('has its top-level links, all relative, and empty directories for what is mounted', () => {
    const links = { '/home': 'var/home', '/root': 'var/roothome', '/srv': 'var/srv', '/mnt': 'var/mnt' };
    for (const [path, target] of Object.entries({ ...links, '/media': 'run/media', '/ostree': 'sysroot/ostree' }))
      expect(link(path), path).toBe(target);
    for (const path of ['/boot', '/dev', '/proc', '/run', '/sys', '/sysroot', '/tmp']) {
      expect(entries.get(path), path).toMatchObject({ type: 'dir' });
      expect(below(path)).toEqual([]);
    }
    expect(readdirSync(checkout).filter((path) => /^(vmlinuz|initrd)/.test(path))).toEqual([]);
  });

  it("has dpkg's database and the other package state below /usr, and links to them in /var", () => {
    expect(text('usr/lib/sysimage/dpkg/status')).toBe(readFileSync(join(tree.rootfs, 'var/lib/dpkg/status'), 'utf8'));
    const links = new Map(
      tmpfiles.filter(([type]) => type === 'L+').map((words) => [words[1], words.at(-1) as string]),
    );
    for (const path of STATE) {
      if (!existsSync(join(tree.rootfs, path))) continue;
      const target = join('/', path, '..', links.get(path) as string);
      expect(target).toMatch(/^\/usr\/lib\/sysimage\//);
      expect(entries.has(target), target).toBe(true);
    }
  });

  it('keeps diversions, overrides, alternatives and automatic marks as they were configured', () => {
    const before = databaseOf(tree.rootfs);
    const state = (path: string) => text(`usr/lib/sysimage/${path}`);
    for (const file of ['diversions', 'statoverride', 'triggers/File'])
      expect(state(`dpkg/${file}`)).toBe(readFileSync(join(tree.rootfs, 'var/lib/dpkg', file), 'utf8'));
    expect(readdirSync(join(checkout, 'usr/lib/sysimage/dpkg/alternatives'))).toEqual([...before.alternatives.keys()]);
    expect(state('apt/extended_states').match(/^Package: /gm)?.length).toBe(before.extendedStates.size);
  });

  it('has no alternative that leads nowhere, and each is the one that its state says', () => {
    for (const alternative of readdirSync(join(checkout, 'usr/lib/sysimage/dpkg/alternatives'))) {
      const [, master] = text(`usr/lib/sysimage/dpkg/alternatives/${alternative}`).split('\n') as [string, string];
      expect(link(inTree(master)), master).toBe(`/etc/alternatives/${alternative}`);
    }
    const links = below('/usr/etc/alternatives').filter((path) => entries.get(path)?.type === 'link');
    const lost = links.filter((path) => !entries.has(inTree(link(path) as string)));
    expect(lost.filter((path) => !MANUAL.test(link(path) as string))).toEqual([]);
  });

  it('has /etc in /usr/etc alone, with every conffile', () => {
    expect(existsSync(join(checkout, 'etc'))).toBe(false);
    const status = text('usr/lib/sysimage/dpkg/status');
    const conffiles = [...status.matchAll(/^ (\/etc\/\S+) [0-9a-f]{32}$/gm)].map((match) => match[1] as string);
    const removed = (tree.packages.treefile['remove-files'] ?? []) as string[];
    expect(conffiles.length).toBeGreaterThan(10);
    expect(conffiles.filter((path) => !removed.includes(path) && !entries.has(`/usr${path}`))).toEqual([]);
    expect(below('/usr/etc').filter((path) => /\.dpkg-(new|old|dist|tmp)$/.test(path))).toEqual([]);
  });

  it('waits for no trigger, and every package is installed', () => {
    const unincorporated = join(checkout, 'usr/lib/sysimage/dpkg/triggers/Unincorp');
    expect(existsSync(unincorporated) ? lstatSync(unincorporated).size : 0).toBe(0);
    const states = new Set(text('usr/lib/sysimage/dpkg/status').match(/^Status: .*$/gm));
    expect([...states]).toEqual(['Status: install ok installed']);
    expect(text('usr/lib/sysimage/dpkg/status')).not.toMatch(/^Triggers-(Pending|Awaited):/m);
  });

  it("knows debconf's answers", () => {
    const answers = Object.entries((tree.packages.treefile['debconf'] ?? {}) as Record<string, { value: string }>);
    const known = text('usr/lib/sysimage/debconf/config.dat');
    for (const [question, { value }] of answers)
      expect(known).toMatch(new RegExp(`^Name: ${question}\\n(?:.+\\n)*Value: ${value}\\n`, 'm'));
    expect(answers.length > 0).toBe(name === 'server');
  });

  it('has nothing in /var but directories and links, and a line of tmpfiles.d for each', async () => {
    expect(below('/var').filter((path) => entries.get(path)?.type === 'file')).toEqual([]);
    const lines = below('/usr/lib/tmpfiles.d').flatMap((path) => text(path).match(/^\S+\s+\/var\/\S*/gm) ?? []);
    const made = lines.map((line) => line.split(/\s+/)[1] as string);
    const unmade = (paths: string[]) => paths.filter((path) => !made.some((line) => within(line, path)));
    expect(unmade(below('/var')).filter((path) => !EARLY.includes(path))).toEqual([]);
    const configured = [...(await snapshot(join(tree.rootfs, 'var')))].filter(([, { type }]) => type !== 'file');
    const kept = configured.map(([path]) => `/var${path}`).filter((path) => path !== '/var/' && !isState(path));
    expect(unmade(kept).filter((path) => !within(path, '/var/cache/man'))).toEqual([]); // man-db makes its own
  });

  it('has no special file', () => {
    expect([...entries].filter(([, entry]) => entry.type === 'special')).toEqual([]);
  });

  it('has byte code that Python need not write again', () => {
    const compiled = below('/usr').filter((path) => path.endsWith('.pyc'));
    expect(compiled.length > 0).toBe(name === 'server');
    expect(compiled.filter((path) => !stays(readFileSync(join(checkout, path))))).toEqual([]);
  });

  it('has exactly one kernel, with its initramfs, where it is meant to boot', () => {
    const kernels = below('/usr/lib/modules').filter((path) => path.endsWith('/vmlinuz'));
    expect(kernels.length).toBe(name === 'server' ? 1 : 0);
    for (const kernel of kernels) expect(entries.has(kernel.replace(/vmlinuz$/, 'initramfs.img'))).toBe(true);
  });

  it('tells those who call apt on a deployment what to call instead, and nobody else', async () => {
    renameSync(join(checkout, 'usr/etc'), join(checkout, 'etc'));
    const hook = 'apt-config --format "%v%n" dump DPkg::Pre-Invoke | sh';
    const inside = (script: string, bind: string) =>
      run('bwrap', inTreeArguments(checkout, bind, script), { ok: 'any' });
    const booted = `touch /run/ostree-booted; ${hook}`;
    expect(await inside(hook, '--ro-bind')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await inside(booted, '--ro-bind')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('use ostree admin upgrade'),
    });
    expect(await inside(booted, '--bind')).toMatchObject({ exitCode: 0, stderr: '' });
    renameSync(join(checkout, 'etc'), join(checkout, 'usr/etc'));
  });
});

/** bubblewrap's arguments for a script in a tree whose /usr can be written (`--bind`) or not (`--ro-bind`). */
const inTreeArguments = (tree: string, bind: string, script: string): string[] => [
  ...[bind, tree, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run', '--tmpfs', '/tmp'],
  ...['--die-with-parent', '--', 'sh', '-c', script],
];

/** Package state: without it a later run configures as if for the first time. */
const STATE = [
  ...['/var/lib/dpkg', '/var/lib/apt/extended_states', '/var/cache/debconf/config.dat'],
  ...['/var/cache/debconf/templates.dat', '/var/lib/pam', '/var/lib/systemd/deb-systemd-helper-enabled'],
  ...['/var/lib/systemd/deb-systemd-user-helper-enabled', '/var/lib/shells.state', '/var/lib/ucf'],
  ...['/var/lib/sgml-base', '/var/lib/xml-core', '/var/lib/python'],
];

const isState = (path: string): boolean => STATE.some((state) => within(path, state));

/** systemd's own var.conf makes them; a tree without systemd has them as they are. */
const EARLY = ['/var/run', '/var/lock', '/var/tmp'];

/** Where a path of the running system lies in the commit. */
const inTree = (path: string): string =>
  path.replace(/^\/etc\//, '/usr/etc/').replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/');

/** Manual pages may be left out of a tree; alternatives name them all the same. */
const MANUAL = /^\/usr\/share\/man\//;

const within = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`);

/** PEP 552: validated by hash, or not at all, or by a time that is the one every file of a commit has. */
const stays = (code: Buffer): boolean => (code.readUInt32LE(4) & 1) === 1 || code.readUInt32LE(8) === 0;
