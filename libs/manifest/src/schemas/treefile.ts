import * as z from 'zod/mini';
import { doc, RelativePath, Sha256 } from './common.ts';

/**
 * The flattened treefile that every manifest carries forward. Its members are those of the treefile language (kebab-case);
 * only libs/treefile knows them in detail, so here it is an open object.
 */
export const FlatTreefile = doc(
  z.record(z.string(), z.unknown()),
  'The flattened treefile: includes, conditions and substitutions are done',
);

/** A file beside the treefile: script, add-file, key, .sources. */
export const InputFile = z.looseObject({
  path: doc(RelativePath, 'Path below the source root'),
  sha256: doc(Sha256, 'SHA-256 of its bytes'),
  executable: doc(z.boolean(), 'Whether its owner may execute it'),
  use: doc(
    z.optional(z.enum(['tree', 'archive'])),
    'Whether the tree is made from it (as without this member), or it only says where packages come from',
  ),
});
export type InputFile = z.infer<typeof InputFile>;
