import { Deb822Error } from './error.ts';
import { fold } from './fold.ts';

/**
 * One stanza: fields in their order and with their spelling, found without regard to case.
 *
 * A value is what stands after the colon, without blanks at its ends; continuation lines are kept as they are, each with
 * the blank it begins with. `lines` and `text` read such values, `multiline` makes them.
 */
export class Stanza implements Iterable<[name: string, value: string]> {
  /** Line on which it begins in the text it was read from, counted from 1; 0 when made in code. */
  readonly line: number;
  readonly #fields = new Map<string, [name: string, value: string]>();

  constructor(fields: Iterable<readonly [string, string]> | Record<string, string> = [], line = 0) {
    this.line = line;
    for (const [name, value] of Symbol.iterator in fields ? fields : Object.entries(fields)) this.set(name, value);
  }

  /** Takes a field that the parser has checked already; false when it was there. */
  static add(stanza: Stanza, name: string, value: string): boolean {
    const key = fold(name);
    if (stanza.#fields.has(key)) return false;
    stanza.#fields.set(key, [name, value]);
    return true;
  }

  get size(): number {
    return this.#fields.size;
  }

  get(name: string): string | undefined {
    return this.#fields.get(fold(name))?.[1];
  }

  has(name: string): boolean {
    return this.#fields.has(fold(name));
  }

  /**
   * Sets a field; a new one comes last, one that was there keeps its place and spelling.
   * @throws Deb822Error `invalid-field` for a name or a value that would not be read back as it is
   */
  set(name: string, value: string): this {
    if (!/^[!"$-,.-9;-~][!-9;-~]*$/.test(name)) throw new Deb822Error('invalid-field', `'${name}' cannot name a field`);
    if (!/^(?:[^\s\0](?:[^\n\0]*[^\s\0])?)?(?:\n[ \t]+[^\s\0](?:[^\n\0]*[^\s\0])?)*$/.test(value))
      throw new Deb822Error('invalid-field', `field '${name}' cannot have this value`);
    const key = fold(name);
    this.#fields.set(key, [this.#fields.get(key)?.[0] ?? name, value]);
    return this;
  }

  delete(name: string): boolean {
    return this.#fields.delete(fold(name));
  }

  names(): string[] {
    return [...this.#fields.values()].map(([name]) => name);
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.#fields.values();
  }

  /** The stanza as text, with a newline after each field and no empty line at its end. */
  toString(): string {
    let text = '';
    for (const [name, value] of this) text += `${name}:${value === '' || value[0] === '\n' ? '' : ' '}${value}\n`;
    return text;
  }
}
