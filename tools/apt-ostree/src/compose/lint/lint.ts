import type { LintTree } from './lint-tree.ts';

/** What is judged. */
export interface Subject {
  /** As the user named it. */
  name: string;
  tree: LintTree;
  /** The root file system of the system that runs. */
  running: boolean;
  /** A base for containers, which never boots by itself: `container` of its treefile, or --container. */
  container: boolean;
  /** Of an image: what its configuration says. */
  image: { architecture: string; labels: Record<string, string> } | undefined;
}

/** One rule. */
export interface Lint {
  name: string;
  severity: 'error' | 'warning';
  /** What must be, as a sentence without full stop. */
  summary: string;
  /** Why it does not apply to a subject; undefined where it does. */
  skips?(subject: Subject): string | undefined;
  /** What is wrong, one text for each; none where all is well. */
  check(subject: Subject): string[] | Promise<string[]>;
}

export const inContainer = ({ container }: Subject): string | undefined =>
  container ? 'it does not boot by itself' : undefined;
export const notImage = ({ image }: Subject): string | undefined => (image ? undefined : 'it is no image');
