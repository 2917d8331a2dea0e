import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import {
  chooseStateroot,
  mergeDeployment,
  operation,
  pendingDeployment,
  readSysroot,
  requireSound,
  rollbackDeployment,
  unchangedSince,
} from '../src/index.ts';
import { smallSysroot } from './fixture.ts';

test('reads deployments in boot order, as ostree lists them', async () => {
  const lab = await smallSysroot();
  expect((await readSysroot(lab.sysroot)).deployments).toEqual([]);
  const first = await lab.commit('--add-metadata-string=version=1');
  await lab.deploy('--karg=root=LABEL=a', '--karg=quiet', 'os');
  lab.write('usr/etc/hostname', 'other\n');
  const second = await lab.commit();
  await lab.deploy('--karg-append=debug', 'os');
  await lab.deploy('--retain', 'os');
  await lab.admin('pin', '1');

  const sysroot = await readSysroot(lab.sysroot);
  expect(sysroot).toMatchObject({ path: lab.sysroot, repo: lab.repo, isBooted: false, booted: undefined });
  const listed = (await lab.admin('status'))
    .split('\n')
    .flatMap((line) => /debian ([0-9a-f]{64}\.\d+)/.exec(line)?.[1] ?? []);
  expect(sysroot.deployments.map((d) => `${d.checksum}.${d.serial}`)).toEqual(listed);
  expect(sysroot.deployments.map((d) => [d.index, d.checksum, d.serial, d.pinned])).toEqual([
    [0, second, 1, false],
    [1, second, 0, true],
    [2, first, 0, false],
  ]);
  expect(sysroot.deployments[2]).toMatchObject({
    id: `debian-${first}.0`,
    stateroot: 'debian',
    booted: false,
    staged: false,
    unlocked: 'none',
    kernelArguments: ['root=LABEL=a', 'quiet'],
    path: `ostree/deploy/debian/deploy/${first}.0`,
    origin: { refspec: 'os' },
  });
  expect(sysroot.deployments[0]?.kernelArguments).toEqual(['root=LABEL=a', 'quiet', 'debug']);
  expect(readdirSync(join(lab.sysroot, 'boot/ostree'))).toContain(`debian-${sysroot.deployments[0]?.bootChecksum}`);

  expect(mergeDeployment(sysroot, 'debian')?.index).toBe(0);
  expect(pendingDeployment(sysroot, 'debian')?.index).toBe(0);
  expect(rollbackDeployment(sysroot, 'debian')).toBeUndefined();
  expect(mergeDeployment(sysroot, 'other')).toBeUndefined();
});

test('the booted deployment divides those that wait from those to go back to', async () => {
  const lab = await smallSysroot();
  await lab.commit();
  for (let i = 0; i < 3; i++) await lab.deploy('--retain', 'os');
  const read = await readSysroot(lab.sysroot);
  const sysroot = { ...read, booted: read.deployments[1] };
  expect(mergeDeployment(sysroot, 'debian')?.index).toBe(1);
  expect(pendingDeployment(sysroot, 'debian')?.index).toBe(0);
  expect(rollbackDeployment(sysroot, 'debian')?.index).toBe(2);
  expect(chooseStateroot(sysroot)).toBe('debian');
});

test('ten deployments are read within milliseconds', async () => {
  const lab = await smallSysroot();
  await lab.commit();
  for (let i = 0; i < 10; i++) await lab.deploy('--retain', 'os');
  await readSysroot(lab.sysroot);
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    expect((await readSysroot(lab.sysroot)).deployments).toHaveLength(10);
    times.push(performance.now() - start);
  }
  expect(Math.min(...times)).toBeLessThan(10);
});

test('which stateroot', async () => {
  const lab = await smallSysroot();
  const sysroot = await readSysroot(lab.sysroot);
  expect(chooseStateroot(sysroot)).toBe('debian');
  await lab.admin('os-init', 'other');
  expect(chooseStateroot(sysroot, 'other')).toBe('other');
  expect(() => chooseStateroot(sysroot)).toThrow(expect.objectContaining({ exit: 64 }));
  expect(() => chooseStateroot(sysroot, 'third')).toThrow(
    expect.objectContaining({
      message: `cannot find the stateroot 'third' in '${lab.sysroot}'`,
      hint: "it has 'debian', 'other'",
      exit: 66,
    }),
  );
});

test('what cannot be used is named', async () => {
  const nothing = temporary();
  await expect(readSysroot(nothing)).rejects.toMatchObject({
    message: `cannot use '${nothing}': it is no sysroot`,
    exit: 66,
  });
  const lab = await smallSysroot();
  await lab.commit();
  await lab.deploy('os');
  const [only] = (await readSysroot(lab.sysroot)).deployments;
  const directory = join(lab.sysroot, only?.path ?? '');

  writeFileSync(`${directory}.origin`, 'rubbish\n');
  const corrupt = await readSysroot(lab.sysroot);
  expect(corrupt.deployments).toMatchObject([{ id: only?.id, origin: { refspec: undefined } }]);
  expect(() => requireSound(corrupt)).toThrow(
    expect.objectContaining({
      message: `cannot read '${directory}.origin': line 1: it is neither '[group]' nor 'key=value'`,
      hint: expect.stringContaining('or remove it'),
      code: 'damaged-deployment',
      exit: 65,
    }),
  );
  rmSync(`${directory}.origin`);
  expect((await readSysroot(lab.sysroot)).deployments[0]?.origin.refspec).toBeUndefined();

  rmSync(directory, { recursive: true });
  const removed = await readSysroot(lab.sysroot);
  expect(removed.deployments).toMatchObject([{ id: only?.id }]);
  expect(() => requireSound(removed)).toThrow(
    `cannot find the deployment '${directory}', which the boot loader offers`,
  );

  const entries = join(lab.sysroot, 'boot/loader/entries');
  const entry = join(entries, readdirSync(entries)[0] ?? '');
  appendFileSync(entry, 'version one\n');
  await expect(readSysroot(lab.sysroot)).rejects.toMatchObject({
    message: `cannot use '${entry}': its version is 'one', no number`,
  });
  writeFileSync(entry, 'version 1\noptions ostree=/somewhere\n');
  await expect(readSysroot(lab.sysroot)).rejects.toMatchObject({
    message: `cannot use '${entry}': 'ostree=/somewhere' names no deployment`,
  });
  writeFileSync(entry, 'version 1\noptions quiet\n');
  expect((await readSysroot(lab.sysroot)).deployments).toEqual([]);
});

test('one operation at a time, and children are part of it', async () => {
  const sysroot = { path: temporary() };
  mkdirSync(join(sysroot.path, 'ostree'));
  const told: string[] = [];
  await operation(sysroot, { what: 'upgrade', wait: false }, async () => {
    const inner = process.env.AOT_HOST_OPERATION;
    expect(inner).toBe(sysroot.path);
    await operation(sysroot, { what: 'deploy', wait: false }, async () => told.push('inside'));
    delete process.env.AOT_HOST_OPERATION;
    await expect(operation(sysroot, { what: 'other', wait: false }, async () => {})).rejects.toMatchObject({
      exit: 75,
      message: expect.stringContaining('held by upgrade'),
    });
    process.env.AOT_HOST_OPERATION = inner;
  });
  expect(process.env.AOT_HOST_OPERATION).toBeUndefined();
  await expect(
    operation(sysroot, { what: 'fails', wait: false }, () => Promise.reject(new Error('x'))),
  ).rejects.toThrow('x');
  await operation(sysroot, { what: 'again', wait: false }, async () => told.push('again'));
  expect(told).toEqual(['inside', 'again']);
});

test('a foreign change ends an operation', async () => {
  const lab = await smallSysroot();
  await lab.commit();
  await lab.deploy('os');
  const before = await readSysroot(lab.sysroot);
  await unchangedSince(before);
  await lab.admin('pin', '0');
  await expect(unchangedSince(before)).rejects.toMatchObject({ exit: 75, code: 'deployments-changed' });
});
