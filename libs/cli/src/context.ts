import type { Kind, Manifests } from '@apt-ostree/manifest';
import type { Progress } from './progress.ts';

/** What the work of a command has of the outside world. */
export interface Context {
  /** The words that led here, as in ['apt-ostree', 'compose', 'tree']. */
  path: readonly string[];
  /** What came after `--`. */
  rest: readonly string[];
  progress: Progress;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  signal: AbortSignal;
  quiet: boolean;
  /** Reads the manifest on standard input. */
  readManifest<K extends Kind>(...wanted: K[]): Promise<Manifests[K]>;
  /** The lines of standard input as they come. */
  lines(): AsyncIterable<string>;
  /** Writes to standard output at once: for streams only, everything else is returned. */
  write(text: string): void;
  /** A line for people on standard error. */
  note(text: string): void;
  warn(text: string): void;
}
