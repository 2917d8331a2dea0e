import { AotError } from '@apt-ostree/errors';
import { JSONPathError, jsonpath } from 'json-p3';

/**
 * What a JSONPath expression (RFC 9535) selects.
 * @throws AotError `usage` when it is none
 */
export function select(document: object, expression: string): unknown[] {
  try {
    return jsonpath.query(expression, document as never).values();
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    throw new AotError('usage', `cannot use the JSONPath expression '${expression}': ${error.message}`, {
      hint: "for example '$.deployments[?@.booted].version'",
    });
  }
}
