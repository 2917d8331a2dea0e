import { compareImages, type ImageDifference, type ImageManifestDocument } from '@apt-ostree/oci';
import { imageOf } from './deployed-image.ts';

/** What lies between the image of a commit and another version of it. */
export const differenceFrom = (repo: string, commit: string, to: ImageManifestDocument): ImageDifference =>
  compareImages(imageOf(repo, commit)?.manifest, to);

/** As rpm-ostree has it, with keys right-aligned. */
export function differenceText(difference: ImageDifference): string {
  const { total, totalSize, removed, removedSize, added, addedSize } = difference;
  const rows: [string, string | number][] = [
    ['Total layers', total],
    ['Size', sizeText(totalSize)],
    ['Removed layers', removed],
    ['Size', sizeText(removedSize)],
    ['Added layers', added],
    ['Size', sizeText(addedSize)],
  ];
  return rows.map(([key, value]) => `${key.padStart(WIDTH)}: ${value}\n`).join('');
}

const WIDTH = 15;

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** In powers of ten, as GLib's g_format_size. */
function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit < UNITS.length - 1; unit++) value /= 1000;
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(1)} ${UNITS[unit]}`;
}
