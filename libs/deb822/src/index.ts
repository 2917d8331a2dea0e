export { Deb822Error, type Deb822ErrorCode } from './error.ts';
export { formatStanzas } from './format.ts';
export { lines, multiline, text, words } from './multiline.ts';
export { type ParseOptions, parseStanza, parseStanzas } from './parse.ts';
export { formatRelationships, parseRelationships, type Relationship } from './relationships.ts';
export { Stanza } from './stanza.ts';
