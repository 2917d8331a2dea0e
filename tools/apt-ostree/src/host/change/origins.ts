import { type Origin, withoutTransient } from '@apt-ostree/host';

/** Stays on this commit until an upgrade; undefined follows the branch. */
export const pinnedTo = (origin: Origin, commit: string | undefined): Origin => ({
  ...withoutTransient(origin),
  overrideCommit: commit,
});

export interface Custom {
  url: string | undefined;
  description: string | undefined;
}

/** Another base; what was layered stays. A custom origin, and what was to be set up, belong to the base before. */
export const rebasedTo = (origin: Origin, refspec: string, pin: string | undefined, custom: Custom): Origin => ({
  ...pinnedTo(origin, pin),
  refspec,
  containerImageReference: undefined,
  unconfiguredState: undefined,
  customUrl: custom.url,
  customDescription: custom.description,
});

/** A container image as the base. */
export const rebasedToImage = (origin: Origin, reference: string, custom: Custom): Origin => ({
  ...pinnedTo(origin, undefined),
  refspec: undefined,
  containerImageReference: reference,
  unconfiguredState: undefined,
  customUrl: custom.url,
  customDescription: custom.description,
});

/** A refspec that is a commit. */
export const isChecksum = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
