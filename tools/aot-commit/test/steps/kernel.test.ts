import { describe, expect, test } from 'vitest';
import { kernel } from '../../src/steps/kernel.ts';
import { prepareRoot } from '../../src/steps/prepare-root.ts';
import { makeLayout, type Spec } from '../fixture.ts';

const one = (kver: string): Record<string, Spec> => ({
  [`boot/vmlinuz-${kver}`]: 'kernel',
  [`boot/config-${kver}`]: 'config',
  [`boot/System.map-${kver}`]: 'map',
  [`boot/initrd.img-${kver}`]: 'initrd',
  [`usr/lib/modules/${kver}/modules.dep.bin`]: '',
});

describe('the kernel', () => {
  test('is beside its modules, /boot is empty', async () => {
    const { tree, ...layout } = makeLayout({ ...one('6.12.1-amd64'), 'boot/grub/x': '' });
    expect(await kernel({ ...layout, tree })).toBe('6.12.1-amd64');
    const place = 'usr/lib/modules/6.12.1-amd64';
    expect(['vmlinuz', 'config', 'System.map'].map((n) => tree.readText(`${place}/${n}`))).toEqual([
      'kernel',
      'config',
      'map',
    ]);
    expect(tree.list('boot')).toEqual([]);
    expect(layout.warnings).toEqual([]);
  });

  test('other files of /boot are left out with a warning', async () => {
    const layout = makeLayout({ ...one('6.12.1-amd64'), 'boot/memtest86+x64.bin': '' });
    await kernel(layout);
    expect(layout.warnings).toEqual(["'/boot' is empty in a commit: left out 'memtest86+x64.bin'"]);
  });

  test('modules of kernels that are not there go', async () => {
    const { tree, ...layout } = makeLayout({ ...one('6.12.2-amd64'), 'usr/lib/modules/6.12.1-amd64/build': '' });
    await kernel({ ...layout, tree });
    expect(tree.list('usr/lib/modules')).toEqual(['6.12.2-amd64']);
  });

  test('none is an error that names the way out; two are an error that names both', async () => {
    await expect(kernel(makeLayout({ 'usr/x': '' }))).rejects.toMatchObject({
      code: 'no-kernel',
      hint: /container: true/,
    });
    const two = { ...one('6.12.9-amd64'), ...one('6.12.10-amd64') };
    await expect(kernel(makeLayout(two))).rejects.toThrow(/'6\.12\.10-amd64', '6\.12\.9-amd64'/);
  });

  test('a container needs none, and its /boot is left alone', async () => {
    const { tree, ...layout } = makeLayout({ 'boot/x': '' }, { container: true });
    expect(await kernel({ ...layout, tree })).toBeUndefined();
    expect(tree.list('boot')).toEqual(['x']);
  });
});

describe('prepare-root.conf', () => {
  const program = { 'usr/lib/ostree/ostree-prepare-root': '' };

  test('says maybe to composefs, which goes with every libostree, and mounts /sysroot read-only', () => {
    const { tree, ...layout } = makeLayout(program);
    prepareRoot({ ...layout, tree });
    expect(tree.readText('usr/lib/ostree/prepare-root.conf')).toBe(
      '[composefs]\nenabled = maybe\n\n[sysroot]\nreadonly = true\n',
    );
  });

  test("the builder's own stays, and a tree without libostree gets none", () => {
    for (const own of ['usr/lib/ostree/prepare-root.conf', 'etc/ostree/prepare-root.conf']) {
      const { tree, ...layout } = makeLayout({ ...program, [own]: 'mine' });
      prepareRoot({ ...layout, tree });
      expect(tree.readText(own)).toBe('mine');
      expect([tree.exists('usr/lib/ostree/prepare-root.conf'), tree.exists('etc/ostree/prepare-root.conf')]).toContain(
        false,
      );
    }
    const { tree, ...layout } = makeLayout({ 'usr/x': '' });
    prepareRoot({ ...layout, tree });
    expect(tree.exists('usr/lib/ostree')).toBe(false);
  });
});
