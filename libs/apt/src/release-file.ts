import { readFileSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { type IndexItem, sha256 } from '@apt-ostree/manifest';
import type { ArchiveSource } from './archive-source.ts';

/**
 * What a Release file that apt has verified says of itself.
 * See https://wiki.debian.org/DebianRepository/Format, "Release" files.
 */
export function readRelease(file: string, source: ArchiveSource): IndexItem {
  const bytes = readFileSync(file);
  const head = bytes.toString('utf8').replace(/^-----BEGIN[\s\S]*?\n\n/, '');
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(head)?.[1]?.trim() ?? '';
  const validUntil = field('Valid-Until');
  return {
    id: source.id,
    suite: source.suite,
    codename: field('Codename'),
    origin: field('Origin'),
    label: field('Label'),
    version: field('Version'),
    components: source.components,
    date: seconds(field('Date'), source),
    validUntil: validUntil === '' ? null : seconds(validUntil, source),
    sha256: sha256(bytes),
  };
}

function seconds(text: string, source: ArchiveSource): number {
  const value = Date.parse(text);
  if (Number.isNaN(value))
    throw new AotError('data', `cannot use the index of '${source.id} ${source.suite}': it has no valid date`);
  return Math.floor(value / 1000);
}
