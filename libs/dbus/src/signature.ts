import { DbusError } from './dbus-error.ts';

/** One complete type: a basic one by its letter, or a container with what is in it. */
export interface Type {
  code: string;
  /** The type as text. */
  text: string;
  children: readonly Type[];
}

const BASIC = 'ybnqiuxtdsogh';
const MAX_LENGTH = 255;
/** Arrays in arrays, and structs in structs. */
const MAX_DEPTH = 32;

/**
 * Parses a signature: any number of complete types.
 * @throws DbusError `InvalidSignature`
 */
export function parseSignature(text: string): readonly Type[] {
  const known = PARSED.get(text);
  if (known) return known;
  if (text.length > MAX_LENGTH) throw invalid(text.slice(0, 40));
  const types: Type[] = [];
  for (let at = 0; at < text.length; ) {
    const type = complete(text, at, 0, 0);
    types.push(type);
    at += type.text.length;
  }
  if (PARSED.size < 500) PARSED.set(text, types);
  return types;
}

const PARSED = new Map<string, readonly Type[]>();

/** The one complete type of a variant. */
export function parseSingle(text: string): Type {
  const [type, ...more] = parseSignature(text);
  if (type === undefined || more.length > 0) throw invalid(text);
  return type;
}

function complete(text: string, at: number, arrays: number, structs: number): Type {
  const code = text[at] ?? '';
  if (code !== '' && (BASIC.includes(code) || code === 'v')) return { code, text: code, children: [] };
  if (code === 'a' && arrays < MAX_DEPTH) {
    const inner =
      text[at + 1] === '{' ? entry(text, at + 1, arrays + 1, structs) : complete(text, at + 1, arrays + 1, structs);
    return { code, text: `a${inner.text}`, children: [inner] };
  }
  if (code === '(' && structs < MAX_DEPTH) return struct(text, at, arrays, structs + 1);
  throw invalid(text);
}

function struct(text: string, at: number, arrays: number, structs: number): Type {
  const children: Type[] = [];
  let next = at + 1;
  while (text[next] !== ')') {
    const child = complete(text, next, arrays, structs);
    children.push(child);
    next += child.text.length;
  }
  if (children.length === 0) throw invalid(text); // a struct holds something
  return { code: '(', text: text.slice(at, next + 1), children };
}

/** A dict entry is a basic type and a complete one, and only an array has it. */
function entry(text: string, at: number, arrays: number, structs: number): Type {
  const key = text[at + 1] ?? '';
  if (key === '' || !BASIC.includes(key)) throw invalid(text);
  const value = complete(text, at + 2, arrays, structs + 1);
  const end = at + 2 + value.text.length;
  if (text[end] !== '}') throw invalid(text);
  return { code: '{', text: text.slice(at, end + 1), children: [complete(text, at + 1, arrays, structs), value] };
}

const invalid = (text: string): DbusError =>
  new DbusError('org.freedesktop.DBus.Error.InvalidSignature', `'${text}' is no signature`);
