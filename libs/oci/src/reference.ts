import { AotError } from '@apt-ostree/errors';

/** Where an image is, as it is written on command lines. */
export type ImageReference =
  | { transport: 'oci' | 'oci-archive' | 'docker-archive'; path: string; tag: string | undefined }
  | {
      transport: 'registry';
      /** Host with its port. */
      host: string;
      /** Path of the repository in that registry. */
      name: string;
      tag: string | undefined;
      /** `sha256:…`; where there is one, the tag does not count. */
      digest: string | undefined;
    };

const FORMS = 'write oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or registry:HOST/NAME[:TAG]';

// Grammar of the OCI distribution specification 1.1, "Pulling manifests".
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** True for `sha256:` and 64 hexadecimal digits. */
export const isDigest = (text: unknown): text is string => typeof text === 'string' && DIGEST.test(text);

/**
 * Reads `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME:TAG]`, and `registry:HOST/NAME[:TAG][@DIGEST]`,
 * for which `docker://…` is another spelling.
 * @throws AotError `usage` that names what is wrong
 */
export function parseImageReference(text: string): ImageReference {
  const [, transport, rest = ''] = /^([a-z-]+):(.*)$/s.exec(text) ?? [];
  switch (transport) {
    case 'oci':
    case 'oci-archive':
      return atPath(text, transport, rest, TAG);
    case 'docker-archive':
      return atPath(text, transport, rest, /^\S+:[\w.-]+$/);
    case 'registry':
      return inRegistry(text, rest);
    case 'docker':
      return inRegistry(text, rest.replace(/^\/\//, ''));
    default:
      throw new AotError('usage', `cannot use '${text}' as an image: it names no transport`, { hint: FORMS });
  }
}

function atPath(
  text: string,
  transport: 'oci' | 'oci-archive' | 'docker-archive',
  rest: string,
  form: RegExp,
): ImageReference {
  const [, path = '', tag] = /^([^:]*)(?::(.*))?$/s.exec(rest) ?? [];
  if (path === '') throw unusable(text, 'it names no path');
  if (tag !== undefined && !form.test(tag)) throw unusable(text, `'${tag}' is no tag`);
  return { transport, path, tag };
}

function inRegistry(text: string, rest: string): ImageReference {
  const [, host = '', path = '', digest] = /^([^/]*)\/([^@]*)(?:@(.*))?$/s.exec(rest) ?? [];
  const [, name = '', tag] = /^([^:]*)(?::(.*))?$/s.exec(path) ?? [];
  if (!HOST.test(host)) throw unusable(text, 'it names no registry');
  if (!NAME.test(name)) throw unusable(text, `'${name}' is no name of a repository`);
  if (tag !== undefined && !TAG.test(tag)) throw unusable(text, `'${tag}' is no tag`);
  if (digest !== undefined && !isDigest(digest)) throw unusable(text, `'${digest}' is no digest`);
  return { transport: 'registry', host, name, tag, digest };
}

const unusable = (text: string, why: string): AotError =>
  new AotError('usage', `cannot use '${text}' as an image: ${why}`, { hint: FORMS });

/** The reference as `parseImageReference` reads it. */
export function formatImageReference(reference: ImageReference): string {
  if (reference.transport !== 'registry') {
    const { transport, path, tag } = reference;
    return `${transport}:${path}${tag === undefined ? '' : `:${tag}`}`;
  }
  return `registry:${formatRegistryName(reference)}`;
}

/** The repository of an image, where it is another one of the registry that `output` is in: blobs need not be sent again from there. */
export const repositoryBeside = (image: ImageReference, output: ImageReference): string[] =>
  image.transport === 'registry' &&
  output.transport === 'registry' &&
  image.host === output.host &&
  image.name !== output.name
    ? [image.name]
    : [];

/** `HOST/NAME[:TAG][@DIGEST]`. */
export const formatRegistryName = ({
  host,
  name,
  tag,
  digest,
}: Extract<ImageReference, { transport: 'registry' }>): string =>
  `${host}/${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
