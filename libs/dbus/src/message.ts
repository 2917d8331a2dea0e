import { inconsistent } from './dbus-error.ts';
import { isBusName, isInterface, isMember } from './names.ts';
import { Reader, readValues } from './read-values.ts';
import { parseSingle } from './signature.ts';
import { Variant } from './variant.ts';
import { Writer, writeValues } from './write-values.ts';

export const METHOD_CALL = 1;
export const METHOD_RETURN = 2;
export const ERROR = 3;
export const SIGNAL = 4;

export const NO_REPLY_EXPECTED = 1;
const NO_AUTO_START = 2;
export const ALLOW_INTERACTIVE_AUTHORIZATION = 4;
export const FLAGS = { NO_REPLY_EXPECTED, NO_AUTO_START, ALLOW_INTERACTIVE_AUTHORIZATION };

export interface Message {
  type: number;
  flags: number;
  serial: number;
  path?: string;
  interface?: string;
  member?: string;
  errorName?: string;
  replySerial?: number;
  destination?: string;
  sender?: string;
  signature: string;
  body: unknown[];
}

/** Header fields by their number: name, type, what a value must be. */
const FIELDS: Record<number, { name: keyof Message; type: string; is?: (text: string) => boolean }> = {
  1: { name: 'path', type: 'o' },
  2: { name: 'interface', type: 's', is: isInterface },
  3: { name: 'member', type: 's', is: isMember },
  4: { name: 'errorName', type: 's', is: isInterface },
  5: { name: 'replySerial', type: 'u' },
  6: { name: 'destination', type: 's', is: isBusName },
  7: { name: 'sender', type: 's', is: isBusName },
  8: { name: 'signature', type: 'g' },
};
const UNIX_FDS = 9;

/** What each type of message must have. */
const REQUIRED: Record<number, (keyof Message)[]> = {
  [METHOD_CALL]: ['path', 'member'],
  [METHOD_RETURN]: ['replySerial'],
  [ERROR]: ['replySerial', 'errorName'],
  [SIGNAL]: ['path', 'interface', 'member'],
};

const VERSION = 1;
export const HEADER = 16;
const FIELD_ARRAY = parseSingle('a(yv)');

export function encodeMessage(message: Message): Buffer {
  const body = message.signature === '' ? Buffer.alloc(0) : writeValues(message.signature, message.body);
  const header = new Writer();
  for (const byte of ['l'.charCodeAt(0), message.type, message.flags, VERSION]) header.value(parseSingle('y'), byte);
  header.uint(body.length);
  header.uint(message.serial);
  const fields = Object.entries(FIELDS)
    .filter(([, { name }]) => message[name] !== undefined && message[name] !== '')
    .map(([number, { name, type }]) => [Number(number), new Variant(type, message[name])]);
  header.value(FIELD_ARRAY, fields);
  header.align(8);
  return Buffer.concat([header.bytes(), body]);
}

/**
 * The whole length of the message whose first 16 bytes these are.
 * @throws DbusError for what is no message, or longer than `limit`
 */
export function messageLength(head: Buffer, limit: number): number {
  const le = isLittleEndian(head);
  if (head[3] !== VERSION) throw inconsistent('the protocol has another version');
  const uint = (at: number) => (le ? head.readUInt32LE(at) : head.readUInt32BE(at));
  const length = HEADER + Math.ceil(uint(12) / 8) * 8 + uint(4);
  if (length > limit) throw inconsistent('a message is too long');
  return length;
}

function isLittleEndian(head: Buffer): boolean {
  if (head[0] === 0x6c) return true;
  if (head[0] === 0x42) return false;
  throw inconsistent('the order of bytes is not said');
}

/** @throws DbusError for what is not as the specification has it */
export function decodeMessage(bytes: Buffer): Message {
  const le = isLittleEndian(bytes);
  const reader = new Reader(bytes, le);
  reader.at = 4;
  const [bodyLength, serial] = [uint(reader), uint(reader)];
  const message: Message = {
    type: bytes[1] as number,
    flags: bytes[2] as number,
    serial,
    signature: '',
    body: [],
  };
  for (const [number, value] of reader.value(FIELD_ARRAY, 0) as [number, Variant][]) setField(message, number, value);
  reader.align(8);
  if (serial === 0) throw inconsistent('a message has no serial');
  for (const name of REQUIRED[message.type] ?? [])
    if (message[name] === undefined) throw inconsistent(`a message has no ${name}`);
  if (bytes.length - reader.at !== bodyLength) throw inconsistent('a message has another length than it says');
  message.body = readValues(message.signature, bytes.subarray(reader.at), le);
  return message;
}

const uint = (reader: Reader): number => reader.value(parseSingle('u'), 0) as number;

/** Unknown fields are none of our business; descriptors cannot have come. */
function setField(message: Message, number: number, { signature, value }: Variant): void {
  const field = FIELDS[number];
  if (number === UNIX_FDS && value !== 0) throw inconsistent('a message says that descriptors come with it');
  if (field === undefined) return;
  if (signature !== field.type) throw inconsistent(`the header field ${field.name} has another type`);
  if (field.is && !field.is(value as string)) throw inconsistent(`the header field ${field.name} is no name`);
  Object.assign(message, { [field.name]: value });
}
