/**
 * Exit codes of the aot-* tools. Those from 64 on are sysexits.h's, so that scripts can tell a mistake of theirs (64, 65,
 * 66, 78) from one of the machine (69 to 75). 77 is rpm-ostree's "unchanged" and means nothing else.
 */
export const EXIT = {
  ok: 0,
  /** The operation failed: no solution, a script failed, a conflict. */
  failed: 1,
  /** Unknown option, surplus argument, repeated single option. */
  usage: 64,
  /** Bad data: a manifest, an index, a package, an image. */
  data: 65,
  /** An input is not there. */
  noInput: 66,
  /** An archive or registry is unavailable. */
  unavailable: 69,
  /** A bug here. */
  software: 70,
  /** The system refused: privilege, sandbox. */
  os: 71,
  cannotCreate: 73,
  io: 74,
  /** Somebody else holds it: try again. */
  busy: 75,
  unchanged: 77,
  /** Bad treefile or configuration. */
  config: 78,
} as const;

export type ExitName = keyof typeof EXIT;
