import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import {
  findSigner,
  type ImageReference,
  joinImages,
  type NamedImage,
  openDestination,
  openSource,
  parseImageReference,
  repositoryBeside,
  transportOptions,
} from '@apt-ostree/oci';
import type { JoinArgs } from './join.command.ts';

/** `compose image-index`: an index of images that are there already. */
export async function join(args: JoinArgs, { signal }: Context): Promise<string> {
  const output = outputOf(args);
  const images = args.image.map((name) => ({ name, reference: parseImageReference(name) }));
  const options = transportOptions(args, signal);
  const key = args['sign-by'];
  const sign = key === undefined ? undefined : await findSigner(key, output, options);
  const opened: NamedImage[] = [];
  try {
    for (const { name, reference } of images) opened.push({ name, source: await openSource(reference, options) });
    const mountFrom = images.flatMap(({ reference }) => repositoryBeside(reference, output));
    const destination = await openDestination(output, { ...options, mountFrom });
    try {
      const { digest } = await joinImages(opened, destination);
      await sign?.(digest);
      return `${args.output} => ${digest}\n`;
    } finally {
      await destination.close();
    }
  } finally {
    for (const { source } of opened) await source.close();
  }
}

function outputOf({ output }: JoinArgs): ImageReference {
  if (output === undefined)
    throw new AotError('usage', "option '--output' must be given", { hint: 'as in --output registry:HOST/NAME:TAG' });
  const reference = parseImageReference(output);
  if (reference.transport !== 'docker-archive') return reference;
  throw new AotError('usage', `cannot write '${output}': archives for docker have no index`);
}
