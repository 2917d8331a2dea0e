/** A directory of such a name is written with `./` before it. */
export const isImage = (name: string): boolean => /^(?:oci|oci-archive|docker-archive|registry|docker):/.test(name);
