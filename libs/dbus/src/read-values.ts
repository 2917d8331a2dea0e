import { inconsistent } from './dbus-error.ts';
import { isObjectPath } from './names.ts';
import { parseSignature, parseSingle, type Type } from './signature.ts';
import { Variant } from './variant.ts';

/** Of one array, by the specification. */
const MAX_ARRAY = 64 * 1024 * 1024;
/** Variants in variants and all other containers, together. */
const MAX_DEPTH = 64;

export const ALIGNMENT: Record<string, number> = {
  ...{ y: 1, g: 1, v: 1, n: 2, q: 2, b: 4, i: 4, u: 4, h: 4, a: 4, s: 4, o: 4 },
  ...{ x: 8, t: 8, d: 8, '(': 8, '{': 8 },
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the values of a signature and makes sure that nothing is left over. Numbers of 64 bits are bigints, dictionaries
 * Maps, arrays of bytes Buffers, variants Variants.
 * @throws DbusError `InconsistentMessage`, `InvalidSignature` for whatever is not as the specification has it
 */
export function readValues(signature: string, bytes: Buffer, littleEndian: boolean): unknown[] {
  const reader = new Reader(bytes, littleEndian);
  const values = parseSignature(signature).map((type) => reader.value(type, 0));
  if (reader.at !== bytes.length) throw inconsistent('the body is longer than its signature says');
  return values;
}

/** Reads values one after the other; `at` counts from where alignment begins. */
export class Reader {
  at = 0;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #le: boolean;

  constructor(bytes: Buffer, littleEndian: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#le = littleEndian;
  }

  value(type: Type, depth: number): unknown {
    if (depth > MAX_DEPTH) throw inconsistent('too many values in one another');
    switch (type.code) {
      case 'y':
        return this.#view.getUint8(this.#take(1));
      case 'b':
        return this.#boolean();
      case 'n':
        return this.#view.getInt16(this.#take(2), this.#le);
      case 'q':
        return this.#view.getUint16(this.#take(2), this.#le);
      case 'i':
        return this.#view.getInt32(this.#take(4), this.#le);
      case 'u':
      case 'h':
        return this.#uint();
      case 'x':
        return this.#view.getBigInt64(this.#take(8), this.#le);
      case 't':
        return this.#view.getBigUint64(this.#take(8), this.#le);
      case 'd':
        return this.#view.getFloat64(this.#take(8), this.#le);
      case 's':
        return this.#text(this.#uint());
      case 'o':
        return this.#path();
      case 'g':
        return this.signature();
      case 'v':
        return this.#variant(depth);
      case 'a':
        return this.#array(type.children[0] as Type, depth);
      default:
        return this.#struct(type, depth);
    }
  }

  /** Padding is zero, says the specification. */
  align(to: number): void {
    while (this.at % to !== 0) if (this.#bytes[this.#need(1)] !== 0) throw inconsistent('padding is not empty');
  }

  signature(): string {
    const text = this.#text(this.#view.getUint8(this.#take(1)));
    parseSignature(text);
    return text;
  }

  #take(size: number): number {
    this.align(size);
    return this.#need(size);
  }

  #need(size: number): number {
    const at = this.at;
    if (size > this.#bytes.length - at) throw inconsistent('a value is cut off');
    this.at += size;
    return at;
  }

  #uint(): number {
    return this.#view.getUint32(this.#take(4), this.#le);
  }

  #boolean(): boolean {
    const value = this.#uint();
    if (value > 1) throw inconsistent('a boolean is neither true nor false');
    return value === 1;
  }

  #text(length: number): string {
    const at = this.#need(length);
    if (this.#bytes[this.#need(1)] !== 0) throw inconsistent('a string has no end');
    const bytes = this.#bytes.subarray(at, at + length);
    if (bytes.includes(0)) throw inconsistent('a string has a zero in it');
    try {
      return utf8.decode(bytes);
    } catch {
      throw inconsistent('a string is not UTF-8');
    }
  }

  #path(): string {
    const text = this.#text(this.#uint());
    if (!isObjectPath(text)) throw inconsistent('an object path is none');
    return text;
  }

  #variant(depth: number): Variant {
    const signature = this.signature();
    return new Variant(signature, this.value(parseSingle(signature), depth + 1));
  }

  #array(element: Type, depth: number): unknown {
    const length = this.#uint();
    if (length > MAX_ARRAY) throw inconsistent('an array is too long');
    this.align(ALIGNMENT[element.code] as number);
    if (element.code === 'y') return Buffer.from(this.#bytes.subarray(this.#need(length), this.at));
    const end = this.at + length;
    if (end > this.#bytes.length) throw inconsistent('an array is cut off');
    const values: unknown[] = [];
    while (this.at < end) values.push(this.value(element, depth + 1));
    if (this.at !== end) throw inconsistent('an array ends within a value');
    return element.code === '{' ? new Map(values as [unknown, unknown][]) : values;
  }

  #struct(type: Type, depth: number): unknown[] {
    this.align(8);
    return type.children.map((child) => this.value(child, depth + 1));
  }
}
