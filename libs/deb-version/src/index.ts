export { compareVersions, type Relation, satisfies } from './compare.ts';
export { VersionError } from './error.ts';
export { formatVersion, isValidVersion, parseVersion, type Version } from './parse.ts';
