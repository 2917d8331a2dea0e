import { buildDeb } from './build-deb.ts';
import type { PackageSpec } from './package-spec.ts';
import type { TarEntry } from './tar.ts';

const file = (name: string, content = 'hostile\n'): TarEntry => ({ name, type: 'file', mode: 0o644, content });
const link = (name: string, linkname: string): TarEntry => ({ name, type: 'symlink', mode: 0o777, linkname });

/** What a hostile package adds to a sane one, by what is wrong with it. */
export const HOSTILE = {
  'absolute-path': { hostile: { entries: [file('/etc/hostile')] } },
  'parent-path': { hostile: { entries: [file('./usr/../../etc/hostile')] } },
  'leading-parent-path': { hostile: { entries: [file('../hostile')] } },
  'empty-name': { hostile: { entries: [file('./usr//./x')] } },
  'symlink-outside': { hostile: { entries: [link('./usr/out', '../../../../etc')] } },
  'write-through-symlink': { hostile: { entries: [link('./usr/out', '/etc'), file('./usr/out/hostile')] } },
  'write-through-relative-symlink': {
    hostile: { entries: [link('./usr/out', '../../..'), file('./usr/out/hostile')] },
  },
  'file-over-symlink': { hostile: { entries: [link('./usr/out', '/etc/passwd'), file('./usr/out')] } },
  'hardlink-outside': {
    hostile: { entries: [{ name: './usr/shadow', type: 'link', linkname: '../../etc/shadow', mode: 0o644 }] },
  },
  'hardlink-absolute': {
    hostile: { entries: [{ name: './usr/shadow', type: 'link', linkname: '/etc/shadow', mode: 0o644 }] },
  },
  'hardlink-missing': {
    hostile: { entries: [{ name: './usr/hard', type: 'link', linkname: './usr/nowhere', mode: 0o644 }] },
  },
  'character-device': { files: { '/usr/null': { device: { type: 'character', major: 1, minor: 3 } } } },
  'block-device': { files: { '/usr/disk': { device: { type: 'block', major: 8, minor: 0 } } } },
  fifo: { files: { '/usr/pipe': { fifo: true } } },
  'duplicate-entry': { hostile: { entries: [file('./usr/twice'), file('./usr/twice', 'again\n')] } },
  'file-and-directory': { hostile: { entries: [file('./usr/both'), file('./usr/both/below')] } },
  'duplicate-member': { hostile: { members: (members) => [...members, members[2]!] } },
  'no-control-member': { hostile: { members: (members) => members.filter((m) => !m.name.startsWith('control')) } },
  'no-data-member': { hostile: { members: (members) => members.filter((m) => !m.name.startsWith('data')) } },
  'no-version-member': { hostile: { members: (members) => members.slice(1) } },
  'other-version-member': {
    hostile: { members: ([, ...rest]) => [{ name: 'debian-binary', data: Buffer.from('3.0\n') }, ...rest] },
  },
  'data-before-control': { hostile: { members: ([version, control, data]) => [version!, data!, control!] } },
  'unknown-member': { hostile: { members: (members) => [...members, { name: 'evil', data: Buffer.from('evil') }] } },
  'no-control-file': {
    hostile: { controlEntries: (entries) => entries.filter((entry) => entry.name !== './control') },
  },
  'control-path-outside': { hostile: { controlEntries: (entries) => [...entries, file('../../hostile')] } },
  'control-symlink': {
    hostile: {
      controlEntries: (entries) => [...entries.filter((e) => e.name !== './control'), link('./control', '/etc/passwd')],
    },
  },
  'other-name': { control: { Package: 'another' } },
  'other-version': { control: { Version: '6.6.6' } },
  'other-architecture': { control: { Architecture: 'hurd-i386' } },
  'broken-control': {
    hostile: { controlEntries: (entries) => [...entries.slice(0, 1), file('./control', 'no field\n')] },
  },
  truncated: { hostile: { truncate: (size) => size - 100 } },
  'truncated-early': { hostile: { truncate: 100 } },
  'not-compressed': {
    hostile: {
      members: ([version, control]) => [version!, control!, { name: 'data.tar.xz', data: Buffer.from('not xz') }],
    },
  },
} satisfies Record<string, Partial<PackageSpec>>;

export type Hostility = keyof typeof HOSTILE | 'not-an-archive' | 'empty' | 'bomb';

/** Every way in which a package can be hostile. */
export const HOSTILITIES = [...Object.keys(HOSTILE), 'not-an-archive', 'empty', 'bomb'] as Hostility[];

const sane: PackageSpec = { name: 'hostile', files: { '/usr/share/hostile/file': 'harmless\n' } };

/** The specification of a hostile package, for archives; the .deb itself of `not-an-archive` and `empty` is raw. */
export function hostileSpec(kind: Hostility, base: Partial<PackageSpec> = {}): PackageSpec & { raw?: Buffer } {
  const spec = { ...sane, ...base };
  if (kind === 'not-an-archive') return { ...spec, raw: Buffer.from('<html>captive portal</html>\n') };
  if (kind === 'empty') return { ...spec, raw: Buffer.alloc(0) };
  if (kind === 'bomb') return bomb(spec);
  const extra: Partial<PackageSpec> = HOSTILE[kind];
  return {
    ...spec,
    ...extra,
    files: { ...spec.files, ...extra.files },
    control: { ...spec.control, ...extra.control },
  };
}

/** A hostile .deb. */
export function hostileDeb(kind: Hostility, base: Partial<PackageSpec> = {}): Promise<Buffer> {
  const { raw, ...spec } = hostileSpec(kind, base);
  return raw ? Promise.resolve(raw) : buildDeb(spec);
}

/** Two GiB of zeros in a hundred kilobytes, with an Installed-Size of 1 KiB. */
const bomb = (spec: PackageSpec): PackageSpec => ({
  ...spec,
  compression: 'zst',
  files: { ...spec.files, '/usr/share/hostile/bomb': { content: { zeros: 2 * 2 ** 30 } } },
  control: { ...spec.control, 'Installed-Size': '1' },
});
