export { makeArchive } from './destination.ts';
export { openArchive } from './source.ts';
