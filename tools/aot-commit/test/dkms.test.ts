import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addedModules, forgetOtherKernels } from '../src/dkms/added.ts';
import { moduleView } from '../src/dkms/module-view.ts';
import { signingFiles } from '../src/dkms/signing.ts';
import { modules } from '../src/steps/modules.ts';
import { makeLayout, makeTree, type Spec } from './fixture.ts';

const KVER = '6.12.1-amd64';
const AUTOMATIC = 'AUTOINSTALL="yes"\n';

/** What `dkms add` leaves, and the source. */
const added = (name: string, version = '1.0', conf = AUTOMATIC): Record<string, Spec> => ({
  [`var/lib/dkms/${name}/${version}/source`]: { link: `/usr/src/${name}-${version}` },
  [`usr/src/${name}-${version}/dkms.conf`]: conf,
});

const names = (files: Record<string, Spec>) =>
  addedModules(makeTree(files), KVER).map(({ name, version }) => `${name}/${version}`);

describe('modules that are to be built', () => {
  test('are those that were added and are to be installed by themselves', () => {
    expect(names({ ...added('a'), ...added('b', '1.0', ''), ...added('c', '1.0', 'AUTOINSTALL=""\n') })).toEqual([
      'a/1.0',
    ]);
  });
  test('are the newest versions', () => {
    expect(names({ ...added('a', '1.9'), ...added('a', '1.10') })).toEqual(['a/1.10']);
  });
  test('come after those that they need, in a circle too', () => {
    const needs = (name: string) => `${AUTOMATIC}BUILD_DEPENDS[0]="${name}"\n`;
    expect(names({ ...added('a', '1.0', needs('b')), ...added('b') })).toEqual(['b/1.0', 'a/1.0']);
    expect(names({ ...added('a', '1.0', needs('b')), ...added('b', '1.0', needs('a')) })).toEqual(['a/1.0', 'b/1.0']);
  });
  test('are not those that are installed for this kernel in this version', () => {
    const link = (target: string): Record<string, Spec> => ({
      [`var/lib/dkms/a/kernel-${KVER}-x86_64`]: { link: target },
    });
    expect(names({ ...added('a'), ...link(`1.0/${KVER}/x86_64`) })).toEqual([]);
    expect(names({ ...added('a'), ...link(`0.9/${KVER}/x86_64`) })).toEqual(['a/1.0']);
    expect(names({ ...added('a'), 'var/lib/dkms/a/kernel-6.11-x86_64': { link: '1.0/6.11/x86_64' } })).toEqual([
      'a/1.0',
    ]);
  });
  test('have their source in the tree, wherever its link leads', () => {
    const outside = temporary(onTestFinished);
    writeFileSync(join(outside, 'dkms.conf'), AUTOMATIC);
    const files = { ...added('a'), 'var/lib/dkms/a/1.0/source': { link: outside } };
    expect(names(files)).toEqual([]);
  });
});

test('what was built for other kernels is forgotten', () => {
  const tree = makeTree({
    ...added('a'),
    [`var/lib/dkms/a/1.0/${KVER}/x86_64/module/a.ko`]: '',
    'var/lib/dkms/a/1.0/6.11/x86_64/module/a.ko': '',
    'var/lib/dkms/a/original_module/6.11/x86_64/a.ko': '',
    'var/lib/dkms/a/kernel-6.11-x86_64': { link: '1.0/6.11/x86_64' },
    [`var/lib/dkms/a/kernel-${KVER}-x86_64`]: { link: `1.0/${KVER}/x86_64` },
  });
  forgetOtherKernels(tree, KVER);
  expect([...tree.walk('var/lib/dkms')].map((e) => e.path).filter((path) => path.includes('6.11'))).toEqual([]);
  expect(tree.exists(`var/lib/dkms/a/1.0/${KVER}/x86_64/module/a.ko`)).toBe(true);
  expect(tree.list('var/lib/dkms/a')).toContain(`kernel-${KVER}-x86_64`);
  expect(tree.isLink('var/lib/dkms/a/1.0/source')).toBe(true);
});

test('missing headers are an error that names every module', async () => {
  const cache = temporary(onTestFinished);
  const layout = makeLayout({
    ...added('a'),
    ...added('b'),
    'usr/sbin/dkms': '',
    [`usr/lib/modules/${KVER}/build`]: { link: '/usr/src/x' },
  });
  await expect(modules(layout, KVER, { modules: cache, tmp: cache })).rejects.toMatchObject({
    code: 'no-kernel-headers',
    message: `cannot build kernel modules 'a/1.0', 'b/1.0': the headers of kernel '${KVER}' are missing`,
    hint: `add the package 'linux-headers-${KVER}'`,
  });
});

describe('a key to sign with', () => {
  const KEY = { 'var/lib/dkms/mok.key': 'k', 'var/lib/dkms/mok.pub': 'c' };
  test('is that of the configuration, or where DKMS looks by itself', () => {
    expect(signingFiles(makeTree(KEY))).toEqual(['var/lib/dkms/mok.key', 'var/lib/dkms/mok.pub']);
    const own = {
      'etc/dkms/framework.conf': '# mok_signing_key=/no\n',
      'etc/dkms/framework.conf.d/a.conf': 'mok_signing_key="/etc/k"\nmok_certificate=/etc/c\n',
    };
    expect(signingFiles(makeTree({ ...own, 'etc/k': '', 'etc/c': '' }))).toEqual(['etc/k', 'etc/c']);
  });
  test('is none where one of both is missing', () => {
    expect(signingFiles(makeTree({ 'var/lib/dkms/mok.pub': 'c' }))).toEqual([]);
  });
});

describe('what a build gets to see', () => {
  const packages: Record<string, { fields?: string; paths: string[] }> = {
    base: { fields: 'Essential: yes', paths: ['usr/bin/ls'] },
    dkms: { fields: 'Depends: make\nRecommends: gcc | c-compiler', paths: ['usr/sbin/dkms'] },
    make: { paths: ['usr/bin/make'] },
    gcc: { paths: ['usr/bin/gcc'] },
    'linux-headers': {
      fields: 'Depends: linux-image, kbuild',
      paths: [`usr/lib/modules/${KVER}/build`, 'usr/src/headers/include/x.h'],
    },
    'linux-image': {
      fields: 'Depends: dracut',
      paths: [`boot/vmlinuz-${KVER}`, `usr/lib/modules/${KVER}/kernel/a.ko`],
    },
    kbuild: { paths: ['usr/lib/linux-kbuild/fixdep'] },
    dracut: { paths: ['usr/bin/dracut'] },
    'a-dkms': { fields: 'Depends: dkms, helper', paths: ['usr/src/a-1.0/dkms.conf'] },
    helper: { paths: ['usr/bin/helper'] },
    htop: { paths: ['usr/bin/htop'] },
  };
  const seen = (extra: Record<string, Spec> = {}) => {
    const files: Record<string, Spec> = { ...added('a') };
    let status = '';
    for (const [name, { fields, paths }] of Object.entries(packages)) {
      status += `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n${fields ? `${fields}\n` : ''}\n`;
      files[`var/lib/dpkg/info/${name}.list`] = `/.\n${paths.map((p) => `/${p}\n`).join('')}`;
      for (const path of paths) files[path] ??= path.endsWith('/build') ? { link: '/usr/src/headers' } : '';
    }
    const tree = makeTree({ ...files, ...extra, 'var/lib/dpkg/status': status });
    return moduleView(tree, KVER, addedModules(tree, KVER)[0]!);
  };

  test('is the source, the headers, DKMS and the compiler, with what they depend on', () => {
    const wanted = [
      'usr/bin/ls',
      'usr/sbin/dkms',
      'usr/bin/make',
      'usr/bin/gcc',
      'usr/src/headers/include/x.h',
      'usr/bin/helper',
    ];
    for (const path of [
      ...wanted,
      'usr/lib/linux-kbuild/fixdep',
      `usr/lib/modules/${KVER}/build`,
      'usr/src/a-1.0/dkms.conf',
    ])
      expect(seen()).toContain(path);
  });
  test('is not changed by the kernel, or by what has no part in it', () => {
    const extra = { 'etc/other': '', 'var/lib/other/x': '', ...added('b') };
    expect(seen(extra)).toEqual(seen());
    expect(seen().filter((path) => /dracut|htop|vmlinuz|a\.ko/.test(path))).toEqual([]);
  });
});
