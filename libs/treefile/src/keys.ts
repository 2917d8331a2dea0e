import table from './keys.json' with { type: 'json' };
import sections from './sections.json' with { type: 'json' };

/** How a value is checked and merged; value-types.ts has one entry for each. */
export type ValueType =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'string or integer'
  | 'character'
  | 'edition'
  | 'architecture'
  | 'one of'
  | 'some of'
  | 'map'
  | 'map of strings'
  | 'variables'
  | 'list of strings'
  | 'set of strings'
  | 'unit'
  | 'list of units'
  | 'list of refs'
  | 'list of paths'
  | 'list of sources'
  | 'packages'
  | 'repo-packages'
  | 'include'
  | 'arch-include'
  | 'conditional-include'
  | 'check'
  | 'file'
  | 'add-files'
  | 'remove-from-packages'
  | 'debconf'
  | 'stages'
  | 'disk';

export interface TreefileKey {
  name: string;
  type: ValueType;
  /**
   * Against rpm-ostree: the same, adapted to Debian, known and refused, an addition of ours; or a key of derived systems,
   * which has no place in a compose.
   */
  status: 'same' | 'adapted' | 'refused' | 'addition' | 'derive';
  description?: string;
  /** YAML that uses the key. */
  example?: string;
  /** The value when the key is left out; absent: nothing. */
  default?: unknown;
  /** Of `one of` and `some of`. */
  values?: readonly string[];
  /** Other spellings of values. */
  synonyms?: Readonly<Record<string, string>>;
  /** Values that rpm-ostree knows and we refuse, each with the reason. */
  refusedValues?: Readonly<Record<string, string>>;
  /** Older spellings of the key. */
  aliases?: readonly string[];
  /** `${variable}` is replaced in its strings. */
  substituted?: boolean;
  /** False: it is used up while flattening. */
  flattened?: boolean;
  /** Why a refused key is refused. */
  reason?: string;
}

/** Every key of the treefile, in the order of the documentation: validation, defaults and treefile(5) are made from it. */
export const TREEFILE_KEYS = table as unknown as readonly TreefileKey[];

/** What treefile(5) says besides the keys, in order; the keys come behind the first section. */
export const TREEFILE_SECTIONS: readonly { title: string; paragraphs: readonly string[] }[] = sections;

/** Types in words, where their names are not. */
const IN_WORDS: Partial<Record<ValueType, string>> = {
  integer: 'whole number',
  'string or integer': 'string or whole number',
  edition: '2014 or 2024',
  'map of strings': 'map of names to strings',
  variables: 'map of names to strings, whole numbers and booleans',
  'set of strings': 'list of strings',
  'list of sources': 'list of names',
  packages: 'list of packages',
  'repo-packages': 'list of maps with repo and packages',
  include: 'path or list of paths',
  'arch-include': 'map of architectures to paths or lists of paths',
  'conditional-include': 'list of maps with if and include',
  check: 'map with type, filename and entries',
  file: 'path beside the treefile',
  'add-files': 'list of pairs of paths',
  'remove-from-packages': 'list of lists of a package and regular expressions',
  debconf: 'map of questions to values, or to maps with package, type and value',
  stages: 'map of stages to commands',
  disk: 'map of settings',
};

/** The type of a key as documentation says it. */
export function typeInWords(key: TreefileKey): string {
  const usable = key.values?.filter((v) => !key.refusedValues?.[v]).join(', ');
  if (key.type === 'one of') return `one of ${usable}`;
  if (key.type === 'some of') return `list of ${usable}`;
  return IN_WORDS[key.type] ?? key.type;
}

const byName = new Map<string, TreefileKey>(
  TREEFILE_KEYS.flatMap((key) => [key.name, ...(key.aliases ?? [])].map((name) => [name, key] as const)),
);

/** The key of that name or older spelling; packages-amd64 and its like are `packages-$basearch`. */
export const findKey = (name: string): TreefileKey | undefined =>
  byName.get(name) ?? (/^packages-(?!local)[a-z0-9_-]+$/.test(name) ? byName.get('packages-$basearch') : undefined);
