import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL } from '@apt-ostree/bwrap';
import type { Editing } from './edits/edit.ts';

/**
 * Runs the treefile's scripts in the tree: those in place, in their order, then the file beside it. A script in place
 * without an interpreter line is the shell's.
 */
export async function postprocess({ treefile, sandbox, sourceRoot }: Editing): Promise<void> {
  const script = (name: string) => join(sandbox.control.path, name);
  const names: string[] = [];
  for (const [i, text] of treefile.postprocess.entries()) {
    names.push(`postprocess-${i + 1}`);
    const whole = text.startsWith('#!') ? text : `#!/bin/sh\n${text}`;
    writeFileSync(script(`postprocess-${i + 1}`), whole, { mode: 0o755 });
  }
  if (treefile['postprocess-script'] !== undefined) {
    names.push('postprocess-script');
    copyFileSync(join(sourceRoot, treefile['postprocess-script']), script('postprocess-script'));
  }
  for (const name of names)
    await sandbox.run({ as: { package: 'treefile', script: 'postprocess' }, argv: [`${CONTROL}/${name}`] });
}
