import type { Option } from '@apt-ostree/cli';
import { choice, flag, value, values } from '../later.ts';

type Options = Record<string, Option>;

export const LABELS: Options = {
  label: values('KEY=VALUE', 'add a label', { alias: 'l' }),
  'image-config': value('FILE', 'the OCI image configuration to start from'),
};

export const ENCAPSULATE: Options = {
  repo: value('REPO', 'the OSTree repository'),
  ...LABELS,
  arch: value('ARCH', 'architecture of the image'),
  copymeta: values('KEY', 'copy this member of the commit metadata to the labels'),
  'copymeta-opt': values('KEY', 'the same, when it is there'),
  cmd: value('CMD', 'the command of the image'),
  'max-layers': value('N', 'at most so many layers'),
  'format-version': choice(['1', '2'], 'version of the format', { default: '1' }),
  'write-contentmeta-json': value('FILE', 'write what each layer holds'),
  'compare-with-build': value('IMAGE', 'show what changes against this image'),
  'previous-build-manifest': value('FILE', 'keep the layers of this manifest where they still fit'),
};

export const CHUNKED: Options = {
  rootfs: value('PATH', 'the tree'),
  from: value('IMAGE', 'the image with the tree'),
  bootc: flag('make an image for bootc'),
  'format-version': choice(['1', '2'], 'version of the format'),
  'sign-commit': value('TYPE=KEY', 'sign the commit: ed25519=FILE or spki=FILE'),
  'max-layers': value('N', 'at most so many layers'),
  'previous-build': value('IMAGE', 'keep the layers of this image where they still fit'),
  reference: value('NAME', 'tag of the image', { default: 'latest' }),
  label: values('KEY=VALUE', 'add a label', { alias: 'l' }),
  output: value('TRANSPORT:TARGET', 'where the image goes'),
};
