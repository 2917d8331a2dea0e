export { type BootEntry, bootEntries } from './boot-entries.ts';
export { BUS_NAME } from './bus-name.ts';
export {
  chooseStateroot,
  mergeDeployment,
  pendingDeployment,
  rollbackDeployment,
  stateroots,
} from './choose.ts';
export {
  comparePackages,
  type DifferenceRow,
  differenceRows,
  type Package,
  type PackageChange,
  type PackageDifference,
} from './compare-packages.ts';
export {
  type Configuration,
  type ConfigurationKey,
  DAEMON_KEYS,
  layeringLocked,
  POLICIES,
  type Policy,
  readConfiguration,
} from './configuration.ts';
export { inContainer } from './container.ts';
export type { Damage, Deployment, Sysroot } from './deployment.ts';
export { type EtcConflicts, etcConflicts, type NewTree } from './etc/conflicts.ts';
export { deploymentRoot, type EtcDifferences, etcDifferences } from './etc/differences.ts';
export { requireMergeable } from './etc/refuse.ts';
export { freeBytes, megabytes } from './free-space.ts';
export { type HostImage, isImageReference, parseHostImage } from './image-reference.ts';
export {
  DEPLOYMENT_MESSAGE_ID,
  type DeploymentEntry,
  journalText,
  recordDeployment,
  recordTransaction,
  TRANSACTION_MESSAGE_ID,
  type TransactionEntry,
  transactionText,
} from './journal.ts';
export { checkArgument, type Edits, editArguments, splitArguments } from './kernel-arguments.ts';
export { formatKeyFile, type KeyFile, parseKeyFile } from './key-file.ts';
export { fingerprint, type OperationOptions, operation, requireUnchanged, unchangedSince } from './operation.ts';
export type { Origin } from './origin.ts';
export {
  changesPackages,
  emptyOrigin,
  formatOrigin,
  isLayered,
  isPinned,
  parseOrigin,
  withoutTransient,
} from './parse-origin.ts';
export {
  type ComposefsMode,
  knowsComposefs,
  PREPARE_ROOT,
  PREPARE_ROOT_CONF,
  type PrepareRoot,
  parsePrepareRoot,
  refusesComposefs,
} from './prepare-root.ts';
export { readSysroot, requireSound } from './read-sysroot.ts';
export { formatRefspec, originRefspec, parseRefspec, type Refspec } from './refspec.ts';
export { isAtLeast, OLDEST_LIBOSTREE, requireHost, requireLibostree, requireRoot } from './require.ts';
export { parseStaged, type Staged } from './staged.ts';
export { isUnit, unitOf } from './unit.ts';
