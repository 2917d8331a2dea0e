/** Thrown for a text that is no Debian version. */
export class VersionError extends Error {
  override readonly name = 'VersionError';
  readonly code = 'invalid-version';
}
