import { writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { CONTROL } from '@apt-ostree/bwrap';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { loadTreefile, type Treefile } from '@apt-ostree/treefile';
import { changeRoot } from './change.ts';
import type { Helpers } from './helpers.ts';
import { requireContainer } from './here.ts';
import type { TreefileApplyArgs } from './treefile-apply.command.ts';

const HONOURED = ['packages', 'repos', 'machine-repos', 'recommends', 'postprocess'];

/** Of every flattened treefile, and without an effect here. */
const HARMLESS = ['basearch', 'releasever'];

/** `experimental compose treefile-apply`. */
export async function applyTreefile(args: TreefileApplyArgs, context: Context): Promise<string | number> {
  requireContainer(context);
  const loaded = await loadTreefile(args.treefile, { architecture: machine(), variables: variables(args.var) });
  const { treefile } = loaded;
  refuseOthers(treefile, args.treefile);
  const scripts = treefile.postprocess ?? [];
  return changeRoot(
    {
      install: treefile.packages ?? [],
      treefile: loaded,
      ...(scripts.length === 0 ? {} : { finish: (helpers: Helpers) => runScripts(scripts, helpers, context) }),
      ...{ remove: [], purge: [], replace: [], replaceFrom: [], overwrite: false },
      ...{ offline: false, dryRun: false, exit77: false },
    },
    context,
  );
}

function variables(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
      if (name === undefined || value === undefined)
        throw new AotError('usage', `option '--var' cannot be '${word}'`, { hint: 'give KEY=VALUE' });
      return [name, value];
    }),
  );
}

function refuseOthers(treefile: Treefile, file: string): void {
  const others = Object.keys(treefile).filter((key) => !HONOURED.includes(key) && !HARMLESS.includes(key));
  if (others.length === 0) return;
  throw new AotError('config', `cannot apply '${file}' to a container: ${others.map((k) => `'${k}'`).join(', ')}`, {
    code: 'not-applied',
    hint: `only ${HONOURED.map((k) => `'${k}'`).join(', ')} can be applied to what is composed already`,
  });
}

/** A script without an interpreter line is the shell's, as in a compose. */
async function runScripts(scripts: readonly string[], { env }: Helpers, { signal }: Context): Promise<void> {
  for (const [i, text] of scripts.entries()) {
    const file = join(CONTROL, `postprocess-${i + 1}`);
    writeFileSync(file, text.startsWith('#!') ? text : `#!/bin/sh\n${text}`, { mode: 0o755 });
    const what = `cannot run postprocess script ${i + 1}`;
    await run(file, [], { env, clearEnv: true, cwd: '/', signal, what });
  }
}
