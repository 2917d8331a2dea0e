import { platformOf } from '@apt-ostree/oci';
import { type Lint, notImage } from '../lint.ts';
import { architectureOf } from './packages.ts';

/** bootc takes either; the value does not count. */
const LABELS = ['containers.bootc', 'ostree.bootable'];

export const label: Lint = {
  name: 'label',
  severity: 'error',
  summary: 'the image has the label containers.bootc or ostree.bootable',
  skips: notImage,
  check: ({ image }) =>
    LABELS.some((name) => image?.labels[name] !== undefined) ? [] : [`the image has no label '${LABELS[0]}'`],
};

export const architecture: Lint = {
  name: 'architecture',
  severity: 'error',
  summary: 'the image says the architecture that its packages are for',
  skips: notImage,
  check({ tree, image }) {
    const own = architectureOf(tree);
    if (own === undefined || image?.architecture === platformOf(own).architecture) return [];
    return [`the image says '${image?.architecture}', and its packages are for '${own}'`];
  },
};
