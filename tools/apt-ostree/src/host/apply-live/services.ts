import { basename } from 'node:path';
import type { TreeDifference } from './tree-difference.ts';

/** Services whose units are new or other: nobody starts or restarts them by himself. */
export const concernedServices = ({ added, changed }: TreeDifference): string[] => [
  ...new Set(
    [...added, ...changed]
      .filter((path) => /^usr\/lib\/systemd\/system\/[^/]+\.service$/.test(path))
      .map((path) => basename(path))
      .sort(),
  ),
];
