import { readFileSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';
import {
  type ImageManifestDocument,
  openSource,
  parseImageReference,
  parseManifestDocument,
  type TransportOptions,
} from '@apt-ostree/oci';
import { COMPONENTS, GROUP, PACKAGES } from './manifest.ts';

/** In which group an earlier image has each source package; undefined without one, or where its layers do not say. */
export async function previousGroups(
  previous: string | undefined,
  transport: TransportOptions,
  context: Context,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (previous === undefined) return undefined;
  const groups = groupsOf(await readManifest(previous, transport));
  if (groups.size > 0) return groups;
  context.warn(`cannot keep the layers of '${previous}': it does not say what is in them`);
  return undefined;
}

/** A manifest in a file, or an image where it is. */
async function readManifest(previous: string, transport: TransportOptions): Promise<ImageManifestDocument> {
  if (!/^(oci|oci-archive|docker-archive|registry|docker):/.test(previous)) return fromFile(previous);
  const source = await openSource(parseImageReference(previous), transport);
  try {
    return parseImage((await source.manifest()).bytes, previous);
  } finally {
    await source.close();
  }
}

function fromFile(file: string): ImageManifestDocument {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw explain(error, `cannot read the manifest '${file}'`);
  }
  return parseImage(bytes, file);
}

function parseImage(bytes: Buffer, name: string): ImageManifestDocument {
  const document = parseManifestDocument(bytes);
  if ('layers' in document) return document as ImageManifestDocument;
  throw new AotError('data', `cannot use '${name}': it is no manifest of an image`);
}

function groupsOf(manifest: ImageManifestDocument): Map<string, string> {
  const groups = new Map<string, string>();
  manifest.layers.forEach(({ annotations = {} }, i) => {
    const packages = (annotations[PACKAGES] ?? annotations[COMPONENTS] ?? '').split(',').filter((name) => name !== '');
    for (const name of packages) groups.set(name, annotations[GROUP] ?? `previous-${String(i).padStart(3, '0')}`);
  });
  return groups;
}
