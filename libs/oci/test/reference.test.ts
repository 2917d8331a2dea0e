import { describe, expect, test } from 'vitest';
import { formatImageReference, parseImageReference } from '../src/index.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

describe('an image reference', () => {
  test.each([
    ['oci:build/image', { transport: 'oci', path: 'build/image', tag: undefined }],
    ['oci:/a b:13.1', { transport: 'oci', path: '/a b', tag: '13.1' }],
    ['oci-archive:x.tar:t', { transport: 'oci-archive', path: 'x.tar', tag: 't' }],
    ['docker-archive:x.tar:example/os:13', { transport: 'docker-archive', path: 'x.tar', tag: 'example/os:13' }],
    ['registry:localhost:5000/os:13', { host: 'localhost:5000', name: 'os', tag: '13', digest: undefined }],
    ['docker://example.org/a/b-c__d.e', { host: 'example.org', name: 'a/b-c__d.e', tag: undefined }],
    [`registry:[::1]:5000/os:13@${digest}`, { host: '[::1]:5000', name: 'os', tag: '13', digest }],
  ])('%s', (text, parts) => {
    const reference = parseImageReference(text);
    expect(reference).toMatchObject(parts);
    expect(parseImageReference(formatImageReference(reference))).toEqual(reference);
  });

  test.each([
    ['debian:13', 'it names no transport'],
    ['', 'it names no transport'],
    ['oci:', 'it names no path'],
    ['oci:a:b:c', "'b:c' is no tag"],
    ['docker-archive:x.tar:t', "'t' is no tag"],
    ['registry:debian', 'it names no registry'],
    ['registry:user@host/os', 'it names no registry'],
    ['registry:host/Os', "'Os' is no name of a repository"],
    ['registry:host/../os', "'../os' is no name of a repository"],
    ['registry:host/os:', "'' is no tag"],
    ['registry:host/os@sha256:00', "'sha256:00' is no digest"],
    ['registry:host/os@md5:00', "'md5:00' is no digest"],
  ])('%s is none', (text, why) => {
    expect(() => parseImageReference(text)).toThrow(`cannot use '${text}' as an image: ${why}`);
  });
});
