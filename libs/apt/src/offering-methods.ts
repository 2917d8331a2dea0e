import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AptRoot } from './private-root.ts';

/**
 * An acquire method, as apt's "APT Method Interface" describes it: for every archive that apt asks for it says that the
 * file is there, as apt expects it, and writes a line as `--print-uris` does. Nothing is fetched.
 */
const METHOD = `#!/bin/sh
printf '100 Capabilities\\nVersion: 1.0\\nSingle-Instance: true\\nPipeline: true\\n\\n'
uri=
while IFS= read -r line; do
  case $line in
    'URI: '*) uri=\${line#*: } ;;
    'Filename: '*) file=\${line#*: } ;;
    'Expected-SHA256: '*) hash=\${line#*: } ;;
    'Expected-Checksum-FileSize: '*) size=\${line#*: } ;;
    '')
      [ -n "$uri" ] || continue
      : > "$file"
      printf "'%s' %s %s SHA256:%s\\n" "$uri" "\${file##*/}" "$size" "$hash" >> "\${0%/*}/chosen"
      printf '201 URI Done\\nURI: %s\\nFilename: %s\\nSize: %s\\n' "$uri" "$file" "$size"
      printf 'SHA256-Hash: %s\\nChecksum-FileSize-Hash: %s\\n\\n' "$hash" "$size"
      uri= ;;
  esac
done
`;

/** Makes a directory of methods for all that a root's archives, and files, are fetched with. */
export function offeringMethods(directory: string, { sources }: AptRoot): { directory: string; chosen: string } {
  mkdirSync(directory);
  const chosen = join(directory, 'chosen');
  writeFileSync(chosen, '');
  writeFileSync(join(directory, 'method'), METHOD, { mode: 0o755 });
  const schemes = sources.flatMap((s) => s.uris).map((uri) => uri.slice(0, uri.indexOf(':')));
  for (const scheme of new Set([...schemes, 'http', 'https', 'file', 'copy']))
    symlinkSync('method', join(directory, scheme));
  return { directory, chosen };
}
