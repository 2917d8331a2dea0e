export interface Challenge {
  /** `basic`, `bearer`. */
  scheme: string;
  parameters: Record<string, string>;
}

/** Reads the field WWW-Authenticate (RFC 9110, section 11.6.1) with its first challenge of a scheme that is known here. */
export function parseChallenge(field: string | undefined): Challenge | undefined {
  const [, scheme = '', rest = ''] = /\b(basic|bearer)\b\s*(.*)$/is.exec(field ?? '') ?? [];
  if (scheme === '') return undefined;
  const pairs = rest.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/g);
  const parameters = [...pairs].map(([, name = '', quoted, plain]) => [
    name.toLowerCase(),
    quoted === undefined ? (plain as string) : quoted.replace(/\\(.)/g, '$1'),
  ]);
  return { scheme: scheme.toLowerCase(), parameters: Object.fromEntries(parameters) };
}
