import { createHash } from 'node:crypto';
import { type ArEntry, writeAr } from 'ar-stream';
import { Stanza } from 'deb822';
import { type Compression, collect, compress, EXTENSION } from './compress.ts';
import { dataEntries } from './data-entries.ts';
import type { PackageSpec } from './package-spec.ts';
import { type TarEntry, tar } from './tar.ts';

/** Time of what has none, and of everything within packages. */
export const EPOCH = 1_700_000_000;

/** Builds a .deb, the same bytes for the same specification; see deb(5). */
export async function buildDeb(spec: PackageSpec): Promise<Buffer> {
  const mtime = spec.mtime ?? EPOCH;
  const how = spec.compression ?? 'xz';
  const data = [...dataEntries(spec.files ?? {}), ...(spec.hostile?.entries ?? [])];
  const control = controlEntries(spec, data);
  const members: ArEntry[] = [
    { name: 'debian-binary', data: Buffer.from('2.0\n') },
    await tarMember('control', spec.hostile?.controlEntries?.(control) ?? control, how, mtime),
    await tarMember('data', data, how, mtime),
  ];
  const all = (spec.hostile?.members?.(members) ?? members).map((member) => ({ mtime, ...member }));
  return cut(await collect(writeAr(all)), spec.hostile?.truncate);
}

/** The control stanza of a package, as it stands in the .deb. */
export function controlStanza(spec: PackageSpec): Stanza {
  const fields: Record<string, string | undefined> = {
    Package: spec.name,
    Version: spec.version ?? '1.0-1',
    Architecture: spec.architecture ?? 'all',
    Maintainer: 'Test Kit <testkit@example.org>',
    'Installed-Size': String(installedSize(dataEntries(spec.files ?? {}))),
    Section: 'misc',
    Priority: 'optional',
    Description: `${spec.name}, made by the test kit`,
    ...spec.control,
  };
  return new Stanza(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));
}

async function tarMember(name: string, entries: TarEntry[], how: Compression, mtime: number): Promise<ArEntry> {
  const archive = tar(entries.map((entry) => ({ mtime, ...entry })));
  return { name: `${name}.tar${EXTENSION[how]}`, data: await compress(archive, how) };
}

function controlEntries(spec: PackageSpec, data: TarEntry[]): TarEntry[] {
  const files: Record<string, string | undefined> = {
    control: controlStanza(spec).toString(),
    md5sums: md5sums(data),
    conffiles: spec.conffiles?.map((path) => `${path}\n`).join(''),
    triggers: spec.triggers?.replace(/\n?$/, '\n'),
    ...spec.controlFiles,
  };
  const scripts = Object.entries(spec.scripts ?? {}).map(([name, text]) => control(name, script(text), 0o755));
  const plain = Object.entries(files).flatMap(([name, text]) => (text ? [control(name, text, 0o644)] : []));
  return [{ name: './', type: 'directory', mode: 0o755 }, ...plain, ...scripts];
}

const control = (name: string, content: string, mode: number): TarEntry => ({ name: `./${name}`, content, mode });

const script = (text: string): string => (text.startsWith('#!') ? text : `#!/bin/sh\nset -e\n${text}\n`);

/** As dh_md5sums writes it; the zeros of a bomb are left out. */
function md5sums(data: TarEntry[]): string {
  return data
    .filter((entry) => entry.type === 'file' && !(typeof entry.content === 'object' && 'zeros' in entry.content))
    .map((entry) => `${md5(entry.content as string | Uint8Array)}  ${entry.name.replace(/^\.\//, '')}\n`)
    .join('');
}

const md5 = (content: string | Uint8Array): string => createHash('md5').update(content).digest('hex');

/** In KiB, as dpkg-gencontrol counts: files rounded up, everything else as 1. */
function installedSize(data: TarEntry[]): number {
  return data.reduce((sum, { content }) => {
    const size = content === undefined ? 1 : typeof content === 'object' && 'zeros' in content ? 1 : content.length;
    return sum + Math.ceil(size / 1024);
  }, 0);
}

function cut(deb: Buffer, truncate: number | ((size: number) => number) | undefined): Buffer {
  if (truncate === undefined) return deb;
  return deb.subarray(0, typeof truncate === 'number' ? truncate : truncate(deb.length));
}
