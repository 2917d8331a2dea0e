import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import { AotError } from '@apt-ostree/errors';
import type { Descriptor } from './model.ts';

/** `sha256:` and the SHA-256 of bytes in hexadecimal. */
export const digestOf = (bytes: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The part of a digest that names a file. */
export const hexOf = (digest: string): string => digest.slice('sha256:'.length);

/**
 * The bytes of a blob. The stream fails at its end with an AotError `data` when they are not the blob; at once when they
 * are more than it has.
 * @param where the blob comes from, for the message
 */
export const verified = (bytes: Readable, descriptor: Descriptor, where: string): Readable =>
  pipeline(bytes, verifying(descriptor, where), () => {}); // its errors are the result's

function verifying({ digest, size }: Descriptor, where: string): Transform {
  const hash = createHash('sha256');
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      hash.update(chunk);
      if (seen > size) done(wrong(where, digest, `it has more than ${size} bytes`));
      else done(null, chunk);
    },
    flush(done) {
      if (seen !== size) done(wrong(where, digest, `it has ${seen} bytes, not ${size}`));
      else if (`sha256:${hash.digest('hex')}` !== digest) done(wrong(where, digest, 'its digest differs'));
      else done();
    },
  });
}

const wrong = (where: string, digest: string, why: string): AotError =>
  new AotError('data', `cannot verify blob '${digest}' of '${where}': ${why}`, {
    code: 'wrong-digest',
    hint: 'the image is damaged where it is stored, or was on its way: copy it again',
  });
