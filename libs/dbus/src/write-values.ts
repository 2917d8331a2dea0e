import { invalidArguments } from './dbus-error.ts';
import { isObjectPath } from './names.ts';
import { ALIGNMENT } from './read-values.ts';
import { parseSignature, parseSingle, type Type } from './signature.ts';
import { Variant } from './variant.ts';

/** The bytes of the values of a signature, in the order of little ends. */
export function writeValues(signature: string, values: readonly unknown[]): Buffer {
  const types = parseSignature(signature);
  if (types.length !== values.length) throw invalidArguments(`'${signature}' is not ${values.length} values`);
  const writer = new Writer();
  for (const [index, type] of types.entries()) writer.value(type, values[index]);
  return writer.bytes();
}

interface NumberForm {
  size: number;
  write(buffer: Buffer, value: never, at: number): void;
}

/** Numbers, and truth. */
const NUMBERS: Record<string, NumberForm> = {
  y: { size: 1, write: (b, v, at) => b.writeUInt8(v, at) },
  b: { size: 4, write: (b, v, at) => b.writeUInt32LE(v === true ? 1 : 0, at) },
  n: { size: 2, write: (b, v, at) => b.writeInt16LE(v, at) },
  q: { size: 2, write: (b, v, at) => b.writeUInt16LE(v, at) },
  i: { size: 4, write: (b, v, at) => b.writeInt32LE(v, at) },
  u: { size: 4, write: (b, v, at) => b.writeUInt32LE(v, at) },
  x: { size: 8, write: (b, v, at) => b.writeBigInt64LE(BigInt(v), at) },
  t: { size: 8, write: (b, v, at) => b.writeBigUInt64LE(BigInt(v), at) },
  d: { size: 8, write: (b, v, at) => b.writeDoubleLE(v, at) },
};

/** Writes values one after the other; alignment begins at its first byte. */
export class Writer {
  #buffer = Buffer.alloc(256);
  #length = 0;

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  value(type: Type, value: unknown): void {
    const { code, children } = type;
    const number = NUMBERS[code];
    if (number !== undefined) this.#put(number, value);
    else if (code === 's') this.#text(value as string);
    else if (code === 'o') this.#path(value as string);
    else if (code === 'g') this.signature(value as string);
    else if (code === 'v') this.#variant(value);
    else if (code === 'a') this.#array(children[0] as Type, value);
    else if (code === '(' || code === '{') this.#struct(type, value as unknown[]);
    else throw invalidArguments(`a value of type '${type.text}' cannot be sent`); // descriptors: Node passes none
  }

  uint(value: number): void {
    this.#put(NUMBERS['u'] as NumberForm, value);
  }

  signature(text: string): void {
    this.#ensure(text.length + 2);
    this.#buffer.writeUInt8(text.length, this.#length);
    this.#length += 1 + this.#buffer.write(text, this.#length + 1, 'latin1');
    this.#buffer[this.#length++] = 0;
  }

  align(to: number): void {
    this.#ensure(to);
    while (this.#length % to !== 0) this.#buffer[this.#length++] = 0;
  }

  #put({ size, write }: NumberForm, value: unknown): void {
    const at = this.#room(size); // the buffer may be another one now
    write(this.#buffer, value as never, at);
  }

  #room(size: number): number {
    this.align(size);
    this.#ensure(size);
    this.#length += size;
    return this.#length - size;
  }

  #ensure(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + more));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  /** A zero would end the string for others. */
  #text(text: string): void {
    const bytes = Buffer.from(text.replaceAll('\0', '\uFFFD'));
    this.uint(bytes.length);
    this.#ensure(bytes.length + 1);
    this.#length += bytes.copy(this.#buffer, this.#length);
    this.#buffer[this.#length++] = 0;
  }

  #path(path: string): void {
    if (!isObjectPath(path)) throw invalidArguments(`'${path}' is no object path`);
    this.#text(path);
  }

  #variant(value: unknown): void {
    if (!(value instanceof Variant)) throw invalidArguments('a variant needs its type');
    const type = parseSingle(value.signature);
    this.signature(value.signature);
    this.value(type, value.value);
  }

  #array(element: Type, value: unknown): void {
    const lengthAt = this.#room(4);
    this.align(ALIGNMENT[element.code] as number);
    const begin = this.#length;
    for (const inner of value as Iterable<unknown>) this.value(element, inner);
    this.#buffer.writeUInt32LE(this.#length - begin, lengthAt);
  }

  #struct(type: Type, values: readonly unknown[]): void {
    if (values.length !== type.children.length) throw invalidArguments(`'${type.text}' is not ${values.length} values`);
    this.align(8);
    for (const [index, child] of type.children.entries()) this.value(child, values[index]);
  }
}
