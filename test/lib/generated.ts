import { documentation } from '@apt-ostree/docgen';
import { version } from '../../package.json';
import { command as commit } from '../../tools/aot-commit/src/command.ts';
import { command as deploy } from '../../tools/aot-deploy/src/command.ts';
import { command as fetch } from '../../tools/aot-fetch/src/command.ts';
import { command as ociexport } from '../../tools/aot-ociexport/src/command.ts';
import { command as ociimport } from '../../tools/aot-ociimport/src/command.ts';
import { command as resolve } from '../../tools/aot-resolve/src/command.ts';
import { command as sandbox } from '../../tools/aot-sandbox/src/command.ts';
import { command as unpack } from '../../tools/aot-unpack/src/command.ts';
import { command as front } from '../../tools/apt-ostree/src/command.ts';
import { command as daemon } from '../../tools/apt-ostreed/src/command.ts';
import { shim } from './shim.ts';

/** Every tool, in pipeline order. */
export const TOOLS = [resolve, fetch, unpack, sandbox, commit, deploy, ociexport, ociimport, front, daemon];

/** What `pnpm docs` writes: text by path below the top of the repository, which is at `top`. */
export const generated = (top: string): Map<string, string> =>
  documentation(TOOLS, version).set('tools/aot-commit/src/data/shim.json', shim(top));
