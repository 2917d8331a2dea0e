import { humanBytes } from '@apt-ostree/cli';
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
    ['Size', humanBytes(totalSize)],
    ['Removed layers', removed],
    ['Size', humanBytes(removedSize)],
    ['Added layers', added],
    ['Size', humanBytes(addedSize)],
  ];
  return rows.map(([key, value]) => `${key.padStart(WIDTH)}: ${value}\n`).join('');
}

const WIDTH = 15;
