/** An index of a distribution repeats two dozen names a million times. */
const known = new Map<string, string>();

/** Where foreign texts could make the table grow without end. */
const LIMIT = 4096;

/** The form in which field names are compared: ASCII lower case. */
export function fold(name: string): string {
  let folded = known.get(name);
  if (folded === undefined) {
    folded = name.toLowerCase();
    if (known.size < LIMIT) known.set(name, folded);
  }
  return folded;
}
