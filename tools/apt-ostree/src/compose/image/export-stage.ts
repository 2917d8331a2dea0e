import { ownProgram, type Stage } from '@apt-ostree/pipeline';
import { flag } from '../stage-arguments.ts';

type Value = string | boolean | readonly string[] | undefined;

/** Options of aot-ociexport that commands here have under the same name. */
const HANDED_ON = [
  'cachedir',
  'max-layers',
  'label',
  'image-config',
  'arch',
  'copymeta',
  'copymeta-opt',
  'cmd',
  'authfile',
  'compression',
  'annotation',
  'sbom',
  'sign-by',
  'cert-dir',
  'no-tls-verify',
  'transport',
] as const;

/** Those that every such command decides itself. */
export interface ExportOptions {
  output: string;
  format: 'plain' | 'encapsulated';
  previous?: string | undefined;
  'retry-times'?: string | undefined;
  /** A file that says which paths have a layer of their own. */
  components?: string | undefined;
  /** Where the commit is; without both it is read. */
  repo?: string;
  ref?: string;
}

/** aot-ociexport as a stage. */
export const exportStage = (args: { [K in (typeof HANDED_ON)[number]]?: Value }, options: ExportOptions): Stage => ({
  name: 'ociexport',
  command: [
    ...ownProgram('aot-ociexport'),
    ...HANDED_ON.flatMap((name) => flag(name, args[name])),
    ...Object.entries(options).flatMap(([name, value]) => flag(name, value)),
  ],
  own: true,
});
