import table from './architectures.json' with { type: 'json' };

const synonyms: Readonly<Record<string, string>> = table.synonyms;

/** Every accepted spelling of an architecture. */
export const ARCHITECTURE_NAMES: readonly string[] = [...table.debian, ...Object.keys(synonyms)];

/** Debian's name of an architecture, from that or from rpm-ostree's; undefined for what is neither. */
export const debianArchitecture = (name: string): string | undefined =>
  table.debian.includes(name) ? name : Object.hasOwn(synonyms, name) ? synonyms[name] : undefined;
