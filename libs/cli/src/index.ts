export { COMMON_OPTIONS, PORCELAIN_OPTIONS } from './common-options.ts';
export type { Context } from './context.ts';
export { type Args, type CommandDefinition, defineTool, type Option, type Work } from './definition.ts';
export { renderHelp, spelling, usage } from './help.ts';
export { main } from './main.ts';
export { parseArguments } from './parse-arguments.ts';
export { type Phase, type PhaseName, Progress, type ProgressEvent } from './progress.ts';
export { humanBytes, PHASE_TEXT } from './terminal.ts';
export { visible } from './visible.ts';
