export { debianArchitecture } from './architectures.ts';
export { type Derived, loadDerived } from './derived.ts';
export { type Extension, type Extensions, loadExtensions } from './extensions.ts';
export * from './flat.ts';
export { type LoadedTreefile, type LoadOptions, loadTreefile } from './load.ts';
export type { DiskSettings } from './types/disk.ts';
