import * as z from 'zod/mini';
import { type Kind, type Manifests, schemaOf } from './kinds.ts';

/**
 * Checks a manifest of ours and turns it into text: `kind` first, one space a level, one final newline. Lists have the order
 * that their producer gave them, so that two runs give the same bytes.
 * @throws a ZodError when we are about to write what readers would refuse: a bug here
 */
export function serialize(manifest: Manifests[Kind]): string {
  z.parse(schemaOf(manifest.kind), manifest);
  const { kind, ...rest } = manifest;
  return `${JSON.stringify({ kind, ...rest }, null, 1)}\n`;
}
