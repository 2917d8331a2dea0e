import type { ValueType } from './keys.ts';
import type { Place } from './place.ts';
import * as debian from './types/debian.ts';
import { disk } from './types/disk.ts';
import * as files from './types/files.ts';
import * as includes from './types/includes.ts';
import * as names from './types/names.ts';
import * as plain from './types/plain.ts';
import * as users from './types/users.ts';

/** Checks a value and brings it into its one form. */
export type Check = (value: unknown, place: Place) => unknown;

/** How values of a type from an included treefile and from the including one become one. */
export type Merge = 'child wins' | 'concatenate' | 'unite' | 'update';

export interface TypeRules {
  check: Check;
  merge: Merge;
}

const scalar = (check: Check): TypeRules => ({ check, merge: 'child wins' });
const list = (check: Check): TypeRules => ({ check, merge: 'concatenate' });
const set = (check: Check): TypeRules => ({ check, merge: 'unite' });
const map = (check: Check): TypeRules => ({ check, merge: 'update' });

/** What the type of a key means. */
export const VALUE_TYPES: Readonly<Record<ValueType, TypeRules>> = {
  string: scalar(plain.string),
  boolean: scalar(plain.boolean),
  integer: scalar(plain.integer),
  'string or integer': scalar(plain.stringOrInteger),
  character: scalar(plain.character),
  edition: scalar(plain.edition),
  architecture: scalar(debian.architecture),
  'one of': scalar(plain.oneOf),
  'some of': set(plain.someOf),
  map: map(plain.map),
  'map of strings': map(plain.mapOfStrings),
  variables: map(plain.variables),
  'list of strings': list(plain.strings),
  'set of strings': set(plain.strings),
  unit: scalar(names.unit),
  'list of units': list(names.units),
  'list of refs': list(names.refs),
  'list of paths': list(files.treePaths),
  'list of sources': list(files.sources),
  packages: set(debian.packages),
  'repo-packages': list(debian.repoPackages),
  include: scalar(includes.include),
  'arch-include': scalar(includes.archInclude),
  'conditional-include': scalar(includes.conditionalInclude),
  check: scalar(users.check),
  file: scalar(files.script),
  'add-files': list(files.addFiles),
  'remove-from-packages': list(files.removeFromPackages),
  debconf: map(debian.debconf),
  stages: map(files.stages),
  disk: map(disk),
};
