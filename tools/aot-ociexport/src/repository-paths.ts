/** Where an image carries its repository. */
export const REPOSITORY = 'sysroot/ostree/repo';

/** Where an object is in the image. */
export const inRepository = (object: string, type: string): string =>
  `${REPOSITORY}/objects/${object.slice(0, 2)}/${object.slice(2)}.${type}`;
