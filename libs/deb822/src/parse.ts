import { Deb822Error } from './error.ts';
import { Stanza } from './stanza.ts';

export interface ParseOptions {
  /**
   * Whether lines that begin with `#` are comments, as they are in .sources files and in debian/control. Elsewhere, as in
   * Packages files, they are errors.
   */
  comments?: boolean;
}

/**
 * Reads stanzas one after the other: control files, Packages, Release, .sources. The format is that of deb822(5) and of
 * Debian policy section 5.1. Values share memory with the text.
 * @param source text, or its bytes in UTF-8
 * @throws Deb822Error with the line
 */
export function* parseStanzas(source: string | Uint8Array, options: ParseOptions = {}): Generator<Stanza> {
  const lines = new Lines(typeof source === 'string' ? source : new TextDecoder().decode(source));
  let stanza: Stanza | undefined;
  while (lines.next()) {
    if (lines.blank()) {
      if (stanza) yield stanza;
      stanza = undefined;
    } else if (options.comments && lines.first() === HASH) {
    } else {
      stanza ??= new Stanza([], lines.number);
      readField(lines, stanza, options);
    }
  }
  if (stanza) yield stanza;
}

/**
 * Reads a text of exactly one stanza, such as a package's control file.
 * @throws Deb822Error also when there is none, or more
 */
export function parseStanza(source: string | Uint8Array, options: ParseOptions = {}): Stanza {
  const [stanza, surplus] = parseStanzas(source, options);
  if (stanza === undefined) throw new Deb822Error('not-one-stanza', 'there is no stanza');
  if (surplus !== undefined) throw new Deb822Error('not-one-stanza', 'there is more than one stanza', surplus.line);
  return stanza;
}

const [TAB, SPACE, HASH, HYPHEN, COLON] = [9, 32, 35, 45, 58];

function readField(lines: Lines, stanza: Stanza, options: ParseOptions): void {
  const { text, start, number } = lines;
  const colon = fieldName(lines);
  const name = text.slice(start, colon);
  let value = text.slice(colon + 1, lines.end).trim();
  while (lines.peekContinuation(options.comments === true)) {
    lines.next();
    if (lines.first() !== HASH) value += `\n${text.slice(lines.start, lines.end).trimEnd()}`;
  }
  if (value.includes('\0')) throw new Deb822Error('invalid-syntax', `field '${name}' contains a null byte`, number);
  if (!Stanza.add(stanza, name, value))
    throw new Deb822Error('invalid-syntax', `field '${name}' is there twice`, number);
}

/** Where the name that begins the line ends. */
function fieldName({ text, start, end, number }: Lines): number {
  let at = start;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === COLON) break;
    if (code <= SPACE || code >= 127) break;
  }
  const first = text.charCodeAt(start);
  if (first === SPACE || first === TAB)
    throw new Deb822Error('invalid-syntax', 'a continuation without a field before it', number);
  if (at === start || at === end || text.charCodeAt(at) !== COLON || first === HASH || first === HYPHEN)
    throw new Deb822Error('invalid-syntax', 'this is neither a field nor a continuation', number);
  return at;
}

/** A text line by line, as positions. */
class Lines {
  readonly text: string;
  start = 0;
  /** Where the line ends, before its newline. */
  end = -1;
  number = 0;

  constructor(text: string) {
    this.text = text;
  }

  next(): boolean {
    if (this.end + 1 >= this.text.length) return false;
    this.start = this.end + 1;
    const newline = this.text.indexOf('\n', this.start);
    this.end = newline < 0 ? this.text.length : newline;
    this.number++;
    return true;
  }

  first(): number {
    return this.text.charCodeAt(this.start);
  }

  blank(): boolean {
    return this.#blank(this.start);
  }

  /** Whether the next line goes on with the field, or is a comment in the middle of it. */
  peekContinuation(comments: boolean): boolean {
    const next = this.end + 1;
    const code = this.text.charCodeAt(next);
    if (comments && code === HASH) return true;
    return (code === SPACE || code === TAB) && !this.#blank(next);
  }

  #blank(from: number): boolean {
    for (let at = from; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === 10) return true;
      if (code !== SPACE && code !== TAB && code !== 13) return false;
    }
    return true;
  }
}
