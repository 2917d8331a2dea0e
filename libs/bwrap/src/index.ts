export { type Changes, mergeChanges } from './changes.ts';
export { sandboxEnvironment } from './environment.ts';
export { markedWhile, refuseHalfApplied } from './half-applied.ts';
export { Overlay, openOverlay } from './overlay.ts';
export type { Row } from './record.ts';
export { bindRecorders, CONTAINER_RECORDERS, CONTROL, pathRecorders, RECORDERS, type Recorder } from './recorders.ts';
export {
  execInTree,
  openTreeSandbox,
  type RunInTreeOptions,
  runInTree,
  runWithReadOnlyUsr,
  type TreeSandbox,
} from './run-in-tree.ts';
export { type Bind, type SandboxOptions, sandboxArguments } from './sandbox-arguments.ts';
export { type Call, ScriptSandbox, type ScriptSandboxOptions } from './script-sandbox.ts';
export { PREINST_STUB, STUB, writeStubs } from './stubs.ts';
export { trueDirectory } from './true-directory.ts';
export { UpperWalk } from './upper-walk.ts';
