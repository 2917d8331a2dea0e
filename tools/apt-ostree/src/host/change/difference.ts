import type { PackageDifference } from '@apt-ostree/host';
import { sections } from '../package-text.ts';

/** A difference of packages in blocks, as rpm-ostree prints it; empty where nothing differs. */
export const formatDifference = (difference: PackageDifference): string =>
  sections(difference)
    .map(({ title, lines }) => `${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`)
    .join('');
