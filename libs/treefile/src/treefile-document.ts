import { type Document, isAlias, isMap, isNode, isSeq, type LineCounter, type Node } from 'yaml';
import type { Step } from './place.ts';

/** One treefile as it was read: its values, and where in the file each stands. */
export class TreefileDocument {
  /** The file as the user knows it, for errors. */
  readonly file: string;
  /** The real directory that holds it: what it names is found there. */
  readonly directory: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #prefix: readonly Step[];

  constructor(
    file: string,
    directory: string,
    values: Readonly<Record<string, unknown>>,
    document: Document,
    lines: LineCounter,
    prefix: readonly Step[] = [],
  ) {
    this.file = file;
    this.directory = directory;
    this.values = values;
    this.#document = document;
    this.#lines = lines;
    this.#prefix = prefix;
  }

  /** A treefile that stands in this one, as in a conditional include. */
  inline(values: Readonly<Record<string, unknown>>, steps: readonly Step[]): TreefileDocument {
    return new TreefileDocument(this.file, this.directory, values, this.#document, this.#lines, [
      ...this.#prefix,
      ...steps,
    ]);
  }

  /** The line, from 1, of a key or element; of what is nearest around it where it has none of its own. */
  line(steps: readonly Step[]): number {
    let node: unknown = this.#document.contents;
    let offset = startOf(node) ?? 0;
    for (const step of [...this.#prefix, ...steps]) {
      if (isAlias(node)) node = node.resolve(this.#document);
      const found = descend(node, step);
      if (found === undefined) break;
      offset = startOf(found.label) ?? offset;
      node = found.value;
    }
    return this.#lines.linePos(offset).line;
  }
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? (node as Node).range?.[0] : undefined);

/** The part of a node that a step leads to, and the node that stands for its position: of a map, the key. */
function descend(node: unknown, step: Step): { label: unknown; value: unknown } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((p) => String((p.key as { value?: unknown } | null)?.value) === String(step));
    return pair && { label: pair.key, value: pair.value };
  }
  if (isSeq(node) && typeof step === 'number') return { label: node.items[step], value: node.items[step] };
  return undefined;
}
