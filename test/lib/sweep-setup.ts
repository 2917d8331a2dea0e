import { scratches } from './scratch.ts';
import { sweepAfter } from './sweep.ts';

// Set up before each file, this hook is the last: what the file started has ended by then. Where one of the file's own fails,
// vitest does not come to it, and the directories stay.
sweepAfter(scratches);
