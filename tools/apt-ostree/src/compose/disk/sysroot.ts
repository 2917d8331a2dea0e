import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AotError } from '@apt-ostree/errors';
import type { Identifiers } from './identifiers.ts';
import type { DiskRequest } from './request.ts';
import { Measure } from './size.ts';
import type { Source } from './source.ts';
import { together } from './together.ts';
import type { DiskTree } from './tree.ts';

/** A sysroot with its one deployment. */
export interface DiskSysroot {
  /** What the root file system is filled with. */
  path: string;
  /** What the file system of /boot is filled with, where that is apart. */
  boot: string | undefined;
  stateroot: string;
  /** Below `path`. */
  deployment: string;
  /** The repository's objects are counted in it. */
  measure: Measure;
}

/** Where the sandbox has the sysroot. */
const INSIDE = '/run/aot/sysroot';

/**
 * Deploys the commit. A boot loader is set only afterwards: with one, libostree would look for the disk that it is
 * writing to, and there is none yet; the first menu is asked of it by name.
 */
export async function makeSysroot(
  tree: DiskTree,
  source: Source,
  request: DiskRequest,
  ids: Identifiers,
): Promise<DiskSysroot> {
  const path = tree.sysroot;
  const stateroot = request.stateroot ?? tree.id;
  mkdirSync(join(path, 'boot'));
  const binds = [{ source: path, target: INSIDE, writable: true }];
  const ostree = (args: string[], env = {}) =>
    tree.run(['ostree', ...args], {
      what: `cannot deploy commit '${source.commit}'`,
      binds,
      env: { OSTREE_SYSROOT_OPTS: 'skip-sync', ...env }, // nothing is lost: it is read into the image and removed
    });
  const config = join(path, 'ostree/repo/config');
  const given = readFileSync(config, 'utf8');
  const configure = (bootloader: string) =>
    writeFileSync(config, given + sysrootSection(bootloader, !request.separateBoot));

  await ostree(['admin', 'init-fs', '--modern', INSIDE]);
  await ostree(['admin', 'stateroot-init', `--sysroot=${INSIDE}`, stateroot]);
  configure('none');
  // nothing to prune: the repository has this commit alone
  const kargs = kernelArguments(ids, request.kargs).map((k) => `--karg=${k}`);
  const refspec = source.refspec ?? source.commit;
  const measure = new Measure();
  await together(
    ostree(['admin', `--sysroot=${INSIDE}`, 'deploy', '--no-prune', `--os=${stateroot}`, ...kargs, refspec]),
    setImmediate().then(() => measure.add(join(path, 'ostree/repo/objects'))), // a deployment adds none
  );
  configure('grub2');

  const search = `search --no-floppy --fs-uuid --set=root ${request.separateBoot ? ids.boot : ids.root}`;
  const env = { GRUB2_BOOT_DEVICE_ID: ids.root, GRUB2_PREPARE_ROOT_CACHE: search };
  const menu = await ostree(['admin', 'instutil', `--sysroot=${INSIDE}`, 'grub2-generate'], env);
  writeMenu(join(path, 'boot'), menu.stdout);

  const deployment = deploymentBelow(path, stateroot);
  configureMachine(join(path, deployment, 'etc'), request, ids);
  return { path, stateroot, deployment, measure, boot: request.separateBoot ? takeBoot(path) : undefined };
}

/** What libostree reads of a sysroot in its repository's configuration, ostree.repo-config(5). */
const sysrootSection = (bootloader: string, bootprefix: boolean): string =>
  ['', '[sysroot]', `bootprefix=${bootprefix}`, 'readonly=true', `bootloader=${bootloader}`, ''].join('\n');

/**
 * systemd would mount the ESP by itself, on /boot, where libostree has mounted what it needs, or on /efi, which nobody can
 * make in a deployment.
 */
function kernelArguments(ids: Identifiers, given: readonly string[]): string[] {
  const automatic = given.some((k) => k.startsWith('systemd.gpt_auto=')) ? [] : ['systemd.gpt_auto=0'];
  return [`root=UUID=${ids.root}`, 'rw', ...automatic, ...given];
}

/** Until libostree writes the next one: a terminal on the serial line too, and what the entries call. */
const HEADER = `set timeout=1
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
function load_video {
  true
}
`;

/** GRUB is told of one name, which stays while libostree exchanges the menus behind it. */
function writeMenu(boot: string, entries: string): void {
  if (!entries.includes('menuentry'))
    throw new AotError('failed', "cannot write the boot loader's menu: ostree gave no entry");
  writeFileSync(join(boot, 'loader/grub.cfg'), HEADER + entries, { mode: 0o600 });
  mkdirSync(join(boot, 'grub'));
  symlinkSync('../loader/grub.cfg', join(boot, 'grub/grub.cfg'));
}

function deploymentBelow(path: string, stateroot: string): string {
  const directory = join('ostree/deploy', stateroot, 'deploy');
  const name = readdirSync(join(path, directory)).find((n) => /^[0-9a-f]{64}\.\d+$/.test(n));
  if (name === undefined) throw new AotError('failed', 'cannot find the deployment that ostree has made');
  return join(directory, name);
}

function configureMachine(etc: string, request: DiskRequest, ids: Identifiers): void {
  if (request.hostname !== undefined) writeFileSync(join(etc, 'hostname'), `${request.hostname}\n`);
  if (request.separateBoot) appendFileSync(join(etc, 'fstab'), `UUID=${ids.boot} /boot ext4 defaults 0 2\n`);
}

/** The files of /boot go apart, and leave the directory to mount them on. */
function takeBoot(path: string): string {
  const boot = join(dirname(path), 'boot');
  renameSync(join(path, 'boot'), boot);
  mkdirSync(join(path, 'boot'));
  return boot;
}
