import { createHash } from 'node:crypto';

/** What a bill of materials describes. */
export interface SbomSubject {
  /** Of the system: the ref, as in `debian/13/amd64/server`. */
  name: string;
  version: string | undefined;
  /** Hexadecimal SHA-256 that names exactly this tree: its commit. */
  digest: string;
  /** Seconds since the epoch. */
  timestamp: number;
  /** ID of os-release(5), which is whose packages these are: `debian`, `ubuntu`. */
  vendor: string;
  /** As in `trixie`; undefined where nobody knows. */
  suite: string | undefined;
  /** The program that writes the document. */
  tool: { name: string; version: string };
}

export interface SbomPackage {
  name: string;
  version: string;
  architecture: string;
  sourcePackage: string;
  sourceVersion: string;
}

/** RFC 3339, in whole seconds, which is all that SPDX takes. */
export const created = ({ timestamp }: SbomSubject): string =>
  `${new Date(timestamp * 1000).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;

/** A UUID of version 8 (RFC 9562), the same for the same tree and form, so that no document needs chance. */
export function uuidOf(subject: SbomSubject, form: string): string {
  const bytes = createHash('sha256').update(`${form} ${subject.digest}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** By name and architecture, whatever order they came in. */
export const sortedPackages = (packages: readonly SbomPackage[]): SbomPackage[] =>
  [...packages].sort((a, b) => order(a.name, b.name) || order(a.architecture, b.architecture));

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
