import { AotError } from '@apt-ostree/errors';
import type { TreefileDocument } from './treefile-document.ts';

export type Step = string | number;

/** A value's place in a treefile, so that errors can name key, file and line. */
export class Place {
  readonly document: TreefileDocument;
  readonly steps: readonly Step[];

  constructor(document: TreefileDocument, steps: readonly Step[]) {
    this.document = document;
    this.steps = steps;
  }

  /** The place of a member or element. */
  at(step: Step): Place {
    return new Place(this.document, [...this.steps, step]);
  }

  /** The key as people write it: `check-passwd.type`, `add-files[0]`. */
  get key(): string {
    return this.steps.map((s, i) => (typeof s === 'number' ? `[${s}]` : i === 0 ? s : `.${s}`)).join('');
  }

  /** `tree.yaml:12` */
  get position(): string {
    return `${this.document.file}:${this.document.line(this.steps)}`;
  }

  /** An error about this place: `<problem> at 'tree.yaml:12'[: <detail>]`. */
  error(problem: string, options: { detail?: string; hint?: string | undefined; code?: string } = {}): AotError {
    const detail = options.detail === undefined ? '' : `: ${options.detail}`;
    return new AotError('config', `${problem} at '${this.position}'${detail}`, {
      hint: options.hint,
      code: options.code ?? 'bad-treefile',
    });
  }

  /** The error for a value of the wrong type. */
  wrongType(expected: string, value: unknown): AotError {
    return this.error(`wrong type for key '${this.key}'`, {
      detail: `expected ${expected}, got ${typeName(value)}`,
      code: 'wrong-type',
      hint:
        expected.startsWith('a string') && typeof value !== 'object'
          ? `put it in quotes: "${String(value)}"`
          : undefined,
    });
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return `${typeof value === 'string' ? 'the string' : 'the ' + typeof value} '${String(value).slice(0, 60)}'`;
}
