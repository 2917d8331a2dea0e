// pnpm docs: writes manual pages, completions and JSON Schemas from the definitions of the commands.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from './lib/bundle.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(top, 'build/docs/generated.mjs');
await bundle({ entryPoints: [join(top, 'test/lib/generated.ts')], outfile });
const { generated } = await import(pathToFileURL(outfile).href);
for (const directory of ['man', 'completions', 'libs/manifest/schema'])
  rmSync(join(top, directory), { recursive: true, force: true });
for (const [path, text] of generated(top)) {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), text);
}
