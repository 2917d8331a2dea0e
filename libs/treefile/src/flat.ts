// What stages after aot-resolve need: no YAML parser behind it.
export { asTreefile } from './as-treefile.ts';
export { formatPackageRequest, type PackageRequest, parsePackageRequest } from './package-request.ts';
export { sourceName } from './source-name.ts';
export type { CompleteTreefile, DebconfAnswer, PasswdCheck, Treefile } from './treefile-type.ts';
export { verifyInputs } from './verify-inputs.ts';
