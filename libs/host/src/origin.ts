/**
 * The origin file of a deployment: where it comes from and what was changed on the host. A key file in rpm-ostree's groups
 * and keys, so that libostree and its tools read what they know.
 */
export interface Origin {
  /** `[REMOTE:]BRANCH`, or a checksum; undefined where the base is a container image. */
  refspec: string | undefined;
  containerImageReference: string | undefined;
  /** Pinned to this commit by `deploy`. */
  overrideCommit: string | undefined;
  customUrl: string | undefined;
  customDescription: string | undefined;
  unconfiguredState: string | undefined;
  packages: { requested: string[]; requestedLocal: string[]; requestedLocalFileoverride: string[] };
  overrides: { remove: string[]; replaceLocal: string[]; replace: string[] };
  regenerateInitramfs: boolean;
  initramfsEtc: string[];
  initramfsArgs: string[];
  /** Groups and keys that we don't know, and libostree's transient ones: handed on as they are. */
  rest: Record<string, Record<string, string>>;
}
