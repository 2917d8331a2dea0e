import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDeb, type FileSpec, type PackageSpec } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

const NEW = '6.99.1-aot-amd64';
const META = 'linux-image-cloud-amd64';

/** A kernel that says that it takes no initramfs. */
const BARE: PackageSpec & { version: string } = {
  name: 'linux-image-6.99.2-aot-amd64',
  version: '6.99.2-1',
  architecture: 'amd64',
  files: {
    '/usr/lib/modules/6.99.2-aot-amd64/modules.order': '',
    '/usr/lib/modules/6.99.2-aot-amd64/modules.builtin': '',
    '/boot/vmlinuz-6.99.2-aot-amd64': 'bare kernel\n',
    '/boot/config-6.99.2-aot-amd64': '# CONFIG_BLK_DEV_INITRD is not set\n',
  },
};

let world: LayerWorld;
/** The base's kernel. */
let kver: string;

beforeAll(async () => {
  world = await layerWorld('layer-kernel', []);
  kver = (await world.run(['ls', '/usr/lib/modules'])).stdout.trim();
  await world.offer([kernel(join(world.root(), 'usr/lib/modules', kver)), BARE]);
  await meta('meta', `linux-image-${NEW}`);
  await meta('bare', BARE.name);
});

afterAll(() => world?.server.close());

/** Writes another version of the base's kernel metapackage, which depends on another kernel, as /var/NAME.deb. */
async function meta(name: string, kernel: string): Promise<void> {
  const spec = { name: META, version: '6.99.1-1', architecture: 'amd64', control: { Depends: kernel } };
  writeFileSync(join(world.sysroot, `ostree/deploy/debian/var/${name}.deb`), await buildDeb(spec));
}

/** Another kernel with the modules of the base's, as Debian packages one: image, configuration and symbols in /boot. */
function kernel(modules: string): PackageSpec & { version: string } {
  const paths = readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(modules.length + 1))
    .filter((path) => path.startsWith('kernel/') || /^modules\.(builtin|builtin\.modinfo|order)$/.test(path));
  return {
    name: `linux-image-${NEW}`,
    version: '6.99.1-1',
    architecture: 'amd64',
    compression: 'zst',
    files: {
      ...Object.fromEntries(
        paths.map((path): [string, FileSpec] => [`/usr/lib/modules/${NEW}/${path}`, { from: join(modules, path) }]),
      ),
      [`/boot/vmlinuz-${NEW}`]: 'another kernel\n',
      [`/boot/config-${NEW}`]: 'CONFIG_BLK_DEV_INITRD=y\n',
      [`/boot/System.map-${NEW}`]: 'map\n',
    },
  };
}

/** The entries of the boot menu, the one that boots first: its files, seen inside. */
async function entries(): Promise<{ linux: string; initrd: string; options: string }[]> {
  const names = readdirSync(join(world.sysroot, 'boot/loader/entries')).sort().reverse();
  const texts = [];
  for (const name of names) texts.push((await world.run(['cat', `/boot/loader/entries/${name}`])).stdout);
  const field = (text: string, key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(text)?.[1] ?? '';
  return texts.map((text) => ({
    linux: field(text, 'linux'),
    initrd: field(text, 'initrd'),
    options: field(text, 'options'),
  }));
}

const lsinitrd = async (file: string) => (await world.run(['lsinitrd', file])).stdout;

test('another kernel in place of the base boots next, with modules and an initramfs of its own', async () => {
  const stdout = await world.done('override', 'replace', '/var/meta.deb', '--remove', `linux-image-${kver}`);
  expect(stdout).toMatch(new RegExp(`Upgraded:\n  ${META} \\S+ -> 6\\.99\\.1-1\n`));
  expect(stdout).toContain(`Removed:\n  linux-image-${kver}_`);
  expect(stdout).toContain(`Added:\n  linux-image-${NEW}_6.99.1-1_amd64\n`);
  await world.reboot();
  expect((await world.run(['ls', '/usr/lib/modules'])).stdout).toBe(`${NEW}\n`);
  const [first, second] = await entries();
  expect(first?.linux).toMatch(new RegExp(`/vmlinuz-${NEW}$`));
  expect(first?.initrd).toMatch(new RegExp(`/initramfs-${NEW}\\.img$`));
  expect(second?.linux).toMatch(new RegExp(`/vmlinuz-${kver.replaceAll('+', '\\+')}$`));
  expect((await world.run(['cat', first?.linux ?? ''])).stdout).toBe('another kernel\n');
  expect(first?.options).toContain('ostree=/ostree/boot.');
});

test('the initramfs is for that kernel, and mounts deployments', async () => {
  const [first] = await entries();
  const list = await lsinitrd(first?.initrd ?? '');
  expect(list).toContain(`usr/lib/modules/${NEW}/modules.dep`);
  expect(list).not.toContain(kver);
  expect(list).toContain('usr/lib/ostree/ostree-prepare-root');
  await world.run(['modinfo', '-k', NEW, 'ext4']);
});

test('reset goes back to the base and its kernel', async () => {
  await world.done('override', 'reset', '--all');
  expect((await world.deployed())[0]).toBe(world.commit);
  await world.reboot();
  expect((await world.run(['ls', '/usr/lib/modules'])).stdout).toBe(`${kver}\n`);
  expect((await entries())[0]?.linux).toMatch(new RegExp(`/vmlinuz-${kver.replaceAll('+', '\\+')}$`));
});

test('a second kernel beside the first is refused, with what to do', async () => {
  const before = await world.deployed();
  const { exitCode, stderr } = await world.aot('install', `linux-image-${NEW}`);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`cannot commit more than one kernel: '${kver}', '${NEW}'\n`);
  expect(stderr).toContain(
    `hint: an OSTree deployment has exactly one; 'apt-ostree override remove linux-image-${kver}' takes out the base's\n`,
  );
  expect(await world.deployed()).toEqual(before);
});

test('a kernel without an initramfs is refused, with what dracut says', async () => {
  const before = await world.deployed();
  const { exitCode, stderr } = await world.aot('override', 'replace', '/var/bare.deb', `--remove=linux-image-${kver}`);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    "cannot make the initramfs of kernel '6.99.2-aot-amd64': dracut made none: This kernel doesn't support initramfs",
  );
  expect(await world.deployed()).toEqual(before);
});
