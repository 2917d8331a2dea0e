// What threads need that write layers, without the client for registries, which each of them would load.
export { TAR_END, type TarEntry, tarHeader, tarPadding } from '../tar/write.ts';
export type { Compression } from './compression.ts';
export { type WrittenLayer, writeLayer } from './write-layer.ts';
