export { type Compression, decompress } from '../deb/decompress.ts';
export { escapes, memberPath } from '../deb/member-path.ts';
export { TarError, type TarHeader, type TarType } from './header.ts';
export { type TarHandler, TarParser } from './parser.ts';
