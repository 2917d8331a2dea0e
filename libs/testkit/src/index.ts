export { bootedCommand, type Entered, enterBooted, type Kept, keepBooted, type Mount, startBooted } from './booted.ts';
export {
  type Archive,
  type ArchiveOptions,
  type ArchivePackage,
  type BuiltPackage,
  buildArchive,
  hostArchitecture,
} from './build-archive.ts';
export { buildDeb, EPOCH } from './build-deb.ts';
export { type Compression, collect, compress } from './compress.ts';
export { type FullDisk, fullDisk } from './full-disk.ts';
export { HOSTILITIES, type Hostility, hostileDeb, hostileSpec } from './hostile.ts';
export { goArchitecture, type ImageSpec, imageLayout, type MadeImage } from './image-layout.ts';
export { type SigningKey, signingHome, signingKey } from './keys.ts';
export type { FileSpec, HostileKnobs, PackageSpec } from './package-spec.ts';
export { type Fault, type LoggedRequest, type Served, serve } from './serve.ts';
export { type TarEntry, tar } from './tar.ts';
export { temporary } from './temporary.ts';
export { tinySystem } from './tiny-system.ts';
export { type ToolOptions, type ToolResult, tool, toolPath } from './tool.ts';
export { tree } from './tree.ts';
