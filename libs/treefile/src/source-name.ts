import { basename } from 'node:path';

/** The name of a source, from an element of `repos`: that of its file, without the ending. */
export const sourceName = (file: string): string => basename(file).replace(/\.(sources|list)$/, '');
