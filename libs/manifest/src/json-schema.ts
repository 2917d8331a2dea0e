import * as z from 'zod/mini';
import { type Kind, schemaOf } from './kinds.ts';

/** A JSON Schema (draft 2020-12), as far as ours use it. */
export interface JsonSchema {
  description?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
}

/** The JSON Schema of a kind of manifest. Unknown members are allowed, since readers hand them on. */
export function jsonSchema(kind: Kind): JsonSchema {
  const schema = z.toJSONSchema(schemaOf(kind), { io: 'input' });
  return { title: kind, ...schema } as JsonSchema;
}
