import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { operation, readSysroot, requireLibostree, requireRoot, stateroots } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { makeDirectories, run } from '@apt-ostree/run';
import { admin } from './admin.ts';
import { describe } from './change.ts';

interface InitArgs {
  sysroot: string;
  stateroot: string;
  bootloader: string | undefined;
  bootprefix: boolean;
  wait: boolean;
}

/** Makes a sysroot, or adds to one what it lacks. */
export async function init(args: InitArgs): Promise<DeploymentManifest> {
  const { sysroot: path, stateroot } = args;
  checkName(stateroot);
  requireRoot();
  await requireLibostree();
  const isNew = !existsSync(join(path, 'ostree/repo'));
  if (isNew) await makeSysroot(path);
  return operation({ path }, { what: 'aot-deploy init', wait: args.wait }, async () => {
    const settings = await configure(join(path, 'ostree/repo'), args);
    const sysroot = await readSysroot(path);
    const lacks = !stateroots(sysroot).includes(stateroot);
    if (lacks)
      await admin(sysroot, ['stateroot-init', stateroot], { what: `cannot make the stateroot '${stateroot}'` });
    return { ...describe(sysroot, { changed: isNew || settings || lacks }), stateroot };
  });
}

/** A stateroot is a directory, and part of the names of boot entries. */
function checkName(stateroot: string): void {
  if (/^[A-Za-z0-9_][-.A-Za-z0-9_]*$/.test(stateroot)) return;
  throw new AotError('usage', `cannot use '${stateroot}' as the name of a stateroot`, {
    hint: 'it has letters, digits, dots, underscores and dashes',
  });
}

async function makeSysroot(path: string): Promise<void> {
  if (path === '/')
    throw new AotError('usage', "cannot make '/' into a sysroot: it is the running system", {
      hint: 'name the file system with --sysroot',
    });
  makeDirectories(path);
  const what = `cannot make the sysroot '${path}'`;
  await run('ostree', ['admin', 'init-fs', '--modern', path], { what });
}

/** @returns whether a setting became another */
async function configure(repo: string, args: InitArgs): Promise<boolean> {
  const wanted: [string, string][] = [['sysroot.readonly', 'true']];
  if (args.bootloader !== undefined) wanted.push(['sysroot.bootloader', args.bootloader]);
  if (args.bootprefix) wanted.push(['sysroot.bootprefix', 'true']);
  let changed = false;
  for (const [key, value] of wanted) {
    const { exitCode, stdout } = await run('ostree', ['config', `--repo=${repo}`, 'get', key], { ok: [0, 1] });
    if (exitCode === 0 && stdout.trim() === value) continue;
    await run('ostree', ['config', `--repo=${repo}`, 'set', key, value], { what: `cannot set '${key}' in '${repo}'` });
    changed = true;
  }
  return changed;
}
