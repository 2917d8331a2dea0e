import { expect, test } from 'vitest';
import { isImageReference, parseHostImage } from '../src/index.ts';

test.each([
  ['ostree-unverified-registry:example.org/os:13', 'registry:example.org/os:13', { kind: 'none' }],
  ['ostree-unverified-image:docker://h:5000/n', 'docker://h:5000/n', { kind: 'none' }],
  ['ostree-unverified-image:oci:/srv/image:13', 'oci:/srv/image:13', { kind: 'none' }],
  ['ostree-remote-registry:debian:h/n@sha256:00', 'registry:h/n@sha256:00', { kind: 'remote', remote: 'debian' }],
  ['ostree-remote-image:debian:oci-archive:/a.tar', 'oci-archive:/a.tar', { kind: 'remote', remote: 'debian' }],
  ['ostree-image-signed:docker://h/n', 'docker://h/n', { kind: 'policy' }],
])('%s', (reference, image, verification) => {
  expect(isImageReference(reference)).toBe(true);
  expect(parseHostImage(reference)).toEqual({ reference, image, verification });
});

test.each([
  'ostree-unverified-registry:',
  'ostree-remote-registry:x',
  'ostree-image-signed:a b',
  'ostree-remote-image::oci:x',
])('%s is refused', (reference) => {
  expect(isImageReference(reference)).toBe(true);
  expect(() => parseHostImage(reference)).toThrow(`cannot use the image reference '${reference}'`);
});

test.each(['debian:debian/13', 'ostree-x:y', '/repo:ref'])('%s is no image', (text) => {
  expect(isImageReference(text)).toBe(false);
});
