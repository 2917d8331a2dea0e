import { AotError } from '@apt-ostree/errors';

/** JSON for the screen: the whole, or the list of what a JSONPath expression (RFC 9535) selects. */
export async function print(document: object, expression: string | undefined): Promise<string> {
  const selected = expression === undefined ? document : await select(document, expression);
  return `${JSON.stringify(selected, null, 2)}\n`;
}

async function select(document: object, expression: string): Promise<unknown[]> {
  const { jsonpath, JSONPathError } = await import('json-p3');
  try {
    return jsonpath.query(expression, document as never).values();
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    throw new AotError('usage', `cannot use the JSONPath expression '${expression}': ${error.message}`, {
      hint: "for example '$.deployments[?@.booted].version'",
    });
  }
}
