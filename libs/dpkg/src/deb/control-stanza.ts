import { Deb822Error, parseStanza, type Stanza } from 'deb822';

/** Reads the member `control` of a package. @throws Error when it is missing or no stanza with the fields it must have */
export function controlStanza(text: string | undefined): Stanza {
  if (text === undefined) throw new Error("it has no control member 'control'");
  const stanza = parse(text);
  for (const field of ['Package', 'Version', 'Architecture']) {
    if (!stanza.get(field)) throw new Error(`its control file has no field '${field}'`);
  }
  return stanza;
}

function parse(text: string): Stanza {
  try {
    return parseStanza(text);
  } catch (error) {
    if (error instanceof Deb822Error)
      throw new Error(`its control file cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
}

export interface Identity {
  name: string;
  version: string;
  architecture: string;
}

/** Makes sure that a package is the one that the manifest, and so the index, promised. */
export function checkIdentity(stanza: Stanza, wanted: Identity): void {
  const pairs = [
    ['Package', wanted.name],
    ['Version', wanted.version],
    ['Architecture', wanted.architecture],
  ] as const;
  for (const [field, value] of pairs) {
    const is = stanza.get(field);
    if (is !== value) throw new Error(`its ${field.toLowerCase()} is '${is}', not '${value}'`);
  }
}
