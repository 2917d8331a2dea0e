import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary, tool } from '@apt-ostree/testkit';
import { inRegistry } from '@apt-ostree/testkit/in-registry';
import { expect, onTestFinished, test } from 'vitest';

test('what was accepted is imported, whatever the tag names by then', async () => {
  const directory = temporary(onTestFinished);
  const { registry, image, made } = await inRegistry(directory, { layers: [[{ name: 'usr/x', content: 'x' }]] });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  registry.manifests.set(made.digest, { bytes: registry.blobs.get(made.digest) as Buffer, mediaType });
  const other = await inRegistry(join(directory, 'other'), { layers: [[{ name: 'usr/y', content: 'y' }]] });
  for (const [digest, bytes] of other.registry.blobs) registry.blobs.set(digest, bytes);
  registry.manifests.set('1', { bytes: registry.blobs.get(other.made.digest) as Buffer, mediaType });
  mkdirSync(join(directory, 'bin'));
  const skopeo = `#!/bin/sh\nfor word; do case $word in --digestfile=*) printf %s ${made.digest} > "\${word#*=}";; esac; done\n`;
  writeFileSync(join(directory, 'bin/skopeo'), skopeo);
  chmodSync(join(directory, 'bin/skopeo'), 0o755);
  const policy = join(directory, 'policy.json');
  writeFileSync(policy, '{"default":[{"type":"reject"}]}');
  const words = [image, '-q', '--repo', join(directory, 'repo'), '--verify-policy', policy];
  const { code, stdout, stderr } = await tool('aot-ociimport', words, {
    env: { PATH: `${join(directory, 'bin')}:${process.env['PATH']}` },
  });
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout).image).toMatchObject({ reference: image, digest: made.digest });
});
