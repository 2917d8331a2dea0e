export { ArError, type ArErrorCode } from './error.ts';
export { type ArHeader, decodeHeader, encodeHeader, HEADER_SIZE, MAGIC } from './header.ts';
export { type ArMember, readAr } from './read.ts';
export { type ArEntry, writeAr } from './write.ts';
