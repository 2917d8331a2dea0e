import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeRegistry, fakeRegistry } from './fake-registry.ts';
import { type ImageSpec, imageLayout, type MadeImage } from './image-layout.ts';

export interface InRegistry {
  registry: FakeRegistry;
  /** As aot-ociimport takes it. */
  image: string;
  made: MadeImage;
}

/** An image in a registry that ends with the test; it is in the layout `image` of the directory too. */
export async function inRegistry(directory: string, spec: ImageSpec): Promise<InRegistry> {
  const made = await imageLayout(join(directory, 'image'), spec);
  const registry = await fakeRegistry();
  const blobs = join(directory, 'image/blobs/sha256');
  for (const name of readdirSync(blobs)) registry.blobs.set(`sha256:${name}`, readFileSync(join(blobs, name)));
  const bytes = registry.blobs.get(made.digest) as Buffer;
  registry.manifests.set('1', { bytes, mediaType: 'application/vnd.oci.image.manifest.v1+json' });
  return { registry, image: `registry:${registry.host}/team/os:1`, made };
}
