import { sweep, type TemporaryDirectory, temporaryDirectory } from '@apt-ostree/run';

/** A temporary directory in which whole images have room, which /tmp lacks on most systems: it is memory there. */
export async function imageScratch(environment: NodeJS.ProcessEnv = process.env): Promise<TemporaryDirectory> {
  const parent = environment['TMPDIR'] || '/var/tmp';
  await sweep(parent);
  return temporaryDirectory(parent);
}
