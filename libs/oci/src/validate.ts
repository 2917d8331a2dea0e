import { AotError } from '@apt-ostree/errors';
import type { Descriptor, ImageConfig, ImageIndexDocument, ImageManifestDocument } from './model.ts';
import { MEDIA } from './model.ts';
import { isDigest } from './reference.ts';

/** Documents are small: registries refuse manifests of more than 4 MiB (OCI distribution specification, "Pushing manifests"). */
export const MOST_BYTES = 4 * 1024 * 1024;
/** More than any tool makes or takes. */
const MOST_LAYERS = 1000;

type Fields = Record<string, unknown>;

/**
 * Checks the bytes of an image manifest: OCI's, or Docker's second version, which has the same members.
 * @throws AotError `data` that says what is wrong with it
 */
export function parseManifestDocument(bytes: Buffer): ImageManifestDocument {
  const document = parse(bytes, 'manifest');
  const bad = complain('manifest');
  if (document['schemaVersion'] !== 2) throw bad(`its schema version is not 2`);
  const mediaType = document['mediaType'] ?? MEDIA.manifest;
  if (mediaType !== MEDIA.manifest && mediaType !== MEDIA.dockerManifest) throw bad('its media type is another');
  const layers = document['layers'];
  if (!Array.isArray(layers) || layers.length > MOST_LAYERS)
    throw bad(`it has no list of at most ${MOST_LAYERS} layers`);
  checkDescriptor(document['config'], 'the configuration', bad);
  layers.forEach((layer, at) => {
    checkDescriptor(layer, `layer ${at + 1}`, bad);
  });
  if (document['subject'] !== undefined) checkDescriptor(document['subject'], 'the subject', bad);
  checkStrings(document['annotations'], 'annotations', bad);
  return { ...document, mediaType } as unknown as ImageManifestDocument;
}

/** Checks the bytes of an index, or Docker's list of manifests. @throws AotError `data` */
export function parseIndex(bytes: Buffer): ImageIndexDocument {
  const document = parse(bytes, 'index');
  const bad = complain('index');
  if (document['schemaVersion'] !== 2) throw bad('its schema version is not 2');
  const manifests = document['manifests'];
  if (!Array.isArray(manifests) || manifests.length > MOST_LAYERS)
    throw bad(`it has no list of at most ${MOST_LAYERS} manifests`);
  manifests.forEach((manifest, at) => {
    checkDescriptor(manifest, `manifest ${at + 1}`, bad);
  });
  checkStrings(document['annotations'], 'annotations', bad);
  return { mediaType: MEDIA.index, ...document } as unknown as ImageIndexDocument;
}

/** Checks the bytes of an image's configuration. @throws AotError `data` */
export function parseConfig(bytes: Buffer): ImageConfig {
  const document = parse(bytes, 'configuration');
  const bad = complain('configuration');
  for (const name of ['architecture', 'os'])
    if (typeof document[name] !== 'string') throw bad(`it has no member '${name}'`);
  const diffIds = isFields(document['rootfs']) ? document['rootfs']['diff_ids'] : undefined;
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest)) throw bad('it does not list the digests of the layers');
  const config = document['config'] ?? {};
  if (!isFields(config)) throw bad("its member 'config' is no object");
  checkStrings(config['Labels'], 'labels', bad);
  for (const name of ['Env', 'Cmd', 'Entrypoint']) checkTexts(config[name], name, bad);
  return document as unknown as ImageConfig;
}

/** Whether a media type is that of an index. */
export const isIndex = (mediaType: string): boolean => mediaType === MEDIA.index || mediaType === MEDIA.dockerList;

type Bad = (why: string) => AotError;

const complain =
  (what: string): Bad =>
  (why) =>
    new AotError('data', `cannot use the ${what} of the image: ${why}`, { code: 'bad-image' });

function parse(bytes: Buffer, what: string): Fields {
  if (bytes.length > MOST_BYTES) throw complain(what)(`it has more than ${MOST_BYTES} bytes`);
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw complain(what)('it is not JSON');
  }
  if (!isFields(document)) throw complain(what)('it is not an object');
  return document;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkDescriptor(value: unknown, what: string, bad: Bad): asserts value is Descriptor {
  if (!isFields(value)) throw bad(`${what} is not described`);
  if (typeof value['mediaType'] !== 'string') throw bad(`${what} has no media type`);
  if (!isDigest(value['digest'])) throw bad(`${what} has no SHA-256 digest`);
  if (!Number.isSafeInteger(value['size']) || (value['size'] as number) < 0) throw bad(`${what} has no size`);
  checkStrings(value['annotations'], `annotations of ${what}`, bad);
  const platform = value['platform'];
  if (platform === undefined) return;
  if (!isFields(platform) || typeof platform['architecture'] !== 'string' || typeof platform['os'] !== 'string')
    throw bad(`${what} has no proper platform`);
}

function checkStrings(value: unknown, what: string, bad: Bad): void {
  if (value === undefined || value === null) return;
  if (!isFields(value) || !Object.values(value).every((v) => typeof v === 'string'))
    throw bad(`its ${what} are not strings`);
}

function checkTexts(value: unknown, what: string, bad: Bad): void {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value) || !value.every((v) => typeof v === 'string'))
    throw bad(`its member '${what}' is no list of strings`);
}
