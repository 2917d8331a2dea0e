export { debianArchitecture } from './architectures.ts';
export * from './flat.ts';
export { type LoadedTreefile, type LoadOptions, loadTreefile } from './load.ts';
