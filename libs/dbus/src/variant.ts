/** A value with its type, as a `v` carries it. */
export class Variant {
  readonly signature: string;
  readonly value: unknown;

  constructor(signature: string, value: unknown) {
    this.signature = signature;
    this.value = value;
  }
}

/** A dictionary of strings to variants, as it comes and goes: Maps, so that no key means anything to JavaScript. */
export type Dictionary = Map<string, Variant>;

/** Takes the variants away, also those inside: for printing and comparing. */
export function plain(value: unknown): unknown {
  if (value instanceof Variant) return plain(value.value);
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [key, plain(inner)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
