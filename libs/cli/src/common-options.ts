import type { Option } from './definition.ts';

/** The options of every tool. */
export const COMMON_OPTIONS = {
  output: {
    type: 'string',
    alias: 'o',
    valueHint: 'FILE',
    description: 'write the result to FILE instead of standard output, in one step',
  },
  'progress-fd': { type: 'string', valueHint: 'N', description: 'write progress to descriptor N as JSON lines' },
  'json-errors': { type: 'boolean', description: 'report an error as one JSON object on standard error' },
  quiet: { type: 'boolean', alias: 'q', description: 'no progress and no notes on standard error' },
  help: { type: 'boolean', alias: 'h', description: 'show this help and exit' },
  version: { type: 'boolean', description: 'show the version and exit' },
} as const satisfies Record<string, Option>;

/** The options of apt-ostree's commands: those of rpm-ostree. */
export const PORCELAIN_OPTIONS = {
  'progress-fd': COMMON_OPTIONS['progress-fd'],
  'json-errors': COMMON_OPTIONS['json-errors'],
  quiet: COMMON_OPTIONS.quiet,
  help: COMMON_OPTIONS.help,
  version: COMMON_OPTIONS.version,
} as const satisfies Record<string, Option>;
