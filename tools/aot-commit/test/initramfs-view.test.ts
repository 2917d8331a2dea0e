import { describe, expect, test } from 'vitest';
import { initramfsView } from '../src/view/initramfs-view.ts';
import { makeTree, type Spec } from './fixture.ts';

interface Package {
  fields?: string;
  files: Record<string, Spec>;
}

const PACKAGES: Record<string, Package> = {
  dracut: {
    fields: 'Depends: libkmod2 (>= 1), bash | dash',
    files: {
      'usr/bin/dracut': 'inst tool-a',
      'usr/lib/dracut/modules.d/90x/module-setup.sh': 'inst_multiple tool-b "libtok-*.so*"',
    },
  },
  libkmod2: { files: { 'usr/lib/x86_64-linux-gnu/libkmod.so.2': '' } },
  base: { fields: 'Essential: yes', files: { 'usr/bin/ls': '' } },
  mawk: { fields: 'Essential: yes', files: { 'usr/bin/mawk': '' } },
  'tool-b': { fields: 'Pre-Depends: virtual', files: { 'usr/bin/tool-b': '', 'usr/share/doc/tool-b/README': '' } },
  provider: { fields: 'Provides: virtual', files: { 'usr/share/provider/data': '' } },
  token: { files: { 'usr/lib/x86_64-linux-gnu/libtok-x.so.1': '' } },
  htop: { files: { 'usr/bin/htop': '', 'etc/htoprc': '' } },
};

const ALTERNATIVES: Record<string, Spec> = {
  'usr/bin/awk': { link: '/etc/alternatives/awk' },
  'etc/alternatives/awk': { link: '/usr/bin/mawk' },
  'usr/bin/top': { link: '/etc/alternatives/top' },
  'etc/alternatives/top': { link: '/usr/bin/htop' },
  bin: { link: 'usr/bin' },
};

function view(extra: Record<string, Spec> = {}, args: string[] = []): string[] {
  const files: Record<string, Spec> = { ...ALTERNATIVES, ...extra };
  let status = '';
  for (const [name, { fields, files: own }] of Object.entries(PACKAGES)) {
    status += `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n${fields ? `${fields}\n` : ''}\n`;
    files[`var/lib/dpkg/info/${name}.list`] = `/.\n${Object.keys(own)
      .map((p) => `/${p}\n`)
      .join('')}`;
    Object.assign(files, own);
  }
  return initramfsView(makeTree({ ...files, 'var/lib/dpkg/status': status }), '6.12', args);
}

describe('what dracut gets to see', () => {
  test('is what its packages, the Essential ones and those that its scripts mention hold, with what they depend on', () => {
    const paths = view();
    for (const path of ['usr/bin/dracut', 'usr/bin/ls', 'usr/bin/tool-b', 'usr/share/provider/data'])
      expect(paths).toContain(path);
    expect(paths).toContain('usr/lib/x86_64-linux-gnu/libkmod.so.2');
    expect(paths).toContain('usr/lib/x86_64-linux-gnu/libtok-x.so.1');
  });

  test('is not changed by a package that nothing of it mentions, nor by documentation', () => {
    const paths = view();
    expect(paths.filter((p) => /htop|doc|var\//.test(p))).toEqual([]);
  });

  test('has the links of alternatives that lead into it, and those of the root', () => {
    const paths = view();
    for (const path of ['usr/bin/awk', 'etc/alternatives/awk', 'bin']) expect(paths).toContain(path);
    expect(paths).not.toContain('usr/bin/top');
  });

  test('has the modules of the kernel, and configuration that no package owns', () => {
    const paths = view({
      'usr/lib/modules/6.12/kernel/x.ko': '',
      'usr/lib/modules/6.11/y.ko': '',
      'etc/modprobe.d/local.conf': '',
    });
    expect(paths).toContain('usr/lib/modules/6.12/kernel/x.ko');
    expect(paths).toContain('etc/modprobe.d/local.conf');
    expect(paths).not.toContain('usr/lib/modules/6.11/y.ko');
  });

  test('has every path that the configuration or the arguments name', () => {
    const conf = { 'etc/dracut.conf.d/x.conf': 'install_items+=" /opt/secret/key "\n' };
    const paths = view({ ...conf, 'opt/secret/key': 'k', 'srv/other': 'o', 'srv/unnamed': '' }, [
      '--include',
      '/srv/other',
      '/etc/other',
    ]);
    expect(paths).toContain('opt/secret/key');
    expect(paths).toContain('srv/other');
    expect(paths).not.toContain('srv/unnamed');
    // By one name only: a second one would be a second link to the same file.
    expect(view({}, ['--include', '/bin/htop', '/x']).filter((p) => p.endsWith('/htop'))).toEqual(['usr/bin/htop']);
  });

  test('has each path once, parents before what is in them', () => {
    const paths = view();
    expect(new Set(paths).size).toBe(paths.length);
    expect([...paths].sort()).toEqual(paths);
    for (const path of paths.filter((p) => p.includes('/')))
      expect(paths).toContain(path.slice(0, path.lastIndexOf('/')));
  });
});
