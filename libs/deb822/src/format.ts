import type { Stanza } from './stanza.ts';

/** The text of several stanzas, with an empty line between them. */
export const formatStanzas = (stanzas: Iterable<Stanza>): string => Array.from(stanzas, String).join('\n');
