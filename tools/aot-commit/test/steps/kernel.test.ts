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
  const FILE = 'usr/lib/ostree/prepare-root.conf';
  const program = (content: string) => ({ 'usr/lib/ostree/ostree-prepare-root': content });
  const conf = (composefs: string) => `[composefs]\nenabled = ${composefs}\n\n[sysroot]\nreadonly = true\n`;
  const made = (files: Record<string, string>) => {
    const { tree, ...layout } = makeLayout(files);
    prepareRoot({ ...layout, tree });
    return tree;
  };

  test('turns composefs on where libostree has it, and else says maybe; /sysroot is read-only', () => {
    expect(made(program('\0libcomposefs.so.1\0')).readText(FILE)).toBe(conf('yes'));
    expect(made(program('\0libc.so.6\0')).readText(FILE)).toBe(conf('maybe'));
    expect(made({ 'usr/x': '' }).readText(FILE)).toBe(conf('maybe'));
  });

  test("the builder's own stays", () => {
    for (const own of [FILE, 'etc/ostree/prepare-root.conf']) {
      const tree = made({ ...program(''), [own]: '[root]\ntransient = true\n' });
      expect(tree.readText(own)).toBe('[root]\ntransient = true\n');
      expect([FILE, 'etc/ostree/prepare-root.conf'].filter((path) => tree.exists(path))).toEqual([own]);
    }
  });

  test("the builder's own is refused where the boot would end in the initramfs", () => {
    for (const mode of ['yes', 'true', '1', 'signed', 'verity']) {
      expect(() => made({ ...program('libc.so.6'), [FILE]: conf(mode) }), mode).toThrow(/cannot boot with/);
      expect(made({ ...program('libcomposefs.so.1'), [FILE]: conf(mode) }).readText(FILE)).toBe(conf(mode));
    }
    expect(() => made({ ...program(''), [FILE]: conf('perhaps') })).toThrow("'composefs.enabled' cannot be 'perhaps'");
    expect(() => made({ ...program(''), [FILE]: 'mine' })).toThrow(/line 1/);
  });
});
