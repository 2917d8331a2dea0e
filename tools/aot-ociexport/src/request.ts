import { AotError } from '@apt-ostree/errors';
import {
  type Compression,
  type ImageReference,
  parseImageReference,
  type RegistryArgs,
  repositoryBeside,
  type TransportOptions,
} from '@apt-ostree/oci';

import { readComponents } from './components.ts';

export interface ExportArgs extends RegistryArgs {
  repo: string | undefined;
  ref: string | undefined;
  output: string | undefined;
  format: string;
  'max-layers': string;
  components: string | undefined;
  previous: string | undefined;
  compression: string;
  label: string[];
  copymeta: string[];
  'copymeta-opt': string[];
  annotation: string[];
  cmd: string[];
  'image-config': string | undefined;
  arch: string | undefined;
  sbom: string | undefined;
  'sign-by': string | undefined;
  cachedir: string | undefined;
}

/** What can be said of the options before anything is read. */
export interface Request {
  reference: ImageReference;
  compression: Compression;
  format: 'plain' | 'encapsulated';
  maxLayers: number;
  transport: TransportOptions;
  /** Names of components by path. */
  components: ReadonlyMap<string, string> | undefined;
}

export function readRequest(args: ExportArgs, transport: TransportOptions): Request {
  if (args.output === undefined)
    throw new AotError('usage', "option '--output' must be given", { hint: 'for example --output oci:image:latest' });
  if ((args.repo === undefined) !== (args.ref === undefined))
    throw new AotError('usage', "options '--repo' and '--ref' belong together", {
      hint: 'without both, the commit is read from standard input',
    });
  const reference = parseImageReference(args.output);
  if (reference.transport === 'docker-archive' && args.compression === 'zstd')
    throw new AotError('usage', "cannot write a docker archive with '--compression zstd': docker does not read it");
  if (args.sbom !== undefined && reference.transport === 'registry' && transport.transport === 'skopeo')
    throw new AotError('usage', `cannot attach a list of packages to '${args.output}': skopeo copies images alone`, {
      hint: 'leave out --transport skopeo or --sbom',
    });
  return {
    reference,
    compression: args.compression as Compression,
    format: args.format as Request['format'],
    maxLayers: count(args['max-layers']),
    components: args.components === undefined ? undefined : readComponents(args.components),
    transport: { ...transport, mountFrom: repositoryBefore(args.previous, reference) },
  };
}

/** Where the same registry may have blobs already, besides the repository that is written to. */
function repositoryBefore(previous: string | undefined, reference: ImageReference): string[] {
  if (previous === undefined || !/^(registry|docker):/.test(previous)) return [];
  return repositoryBeside(parseImageReference(previous), reference);
}

function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AotError('usage', `option '--max-layers' cannot be '${text}'`, { hint: 'give a number' });
}
