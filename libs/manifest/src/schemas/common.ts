import * as z from 'zod/mini';

/** Lower-case hexadecimal SHA-256. */
export const Sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** A path without a leading slash that never climbs: beneath a root that the reader knows. */
export const RelativePath = z.string().check(z.regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0]+$/));

/** Documents a member for the manual page and the JSON Schema; a copy, since the same schema serves several members. */
export const doc = <T extends z.ZodMiniType>(schema: T, description: string): T => {
  const copy = schema.clone() as T;
  z.globalRegistry.add(copy, { description });
  return copy;
};
