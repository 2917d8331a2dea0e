import { readFileSync } from 'node:fs';

const START = Buffer.from('\nPackage: ');

/** How many records a Packages file has; it has tens of megabytes, of which no record is decoded for that. */
export function countPackages(file: string): number {
  const bytes = readFileSync(file);
  let count = bytes.subarray(0, START.length - 1).equals(START.subarray(1)) ? 1 : 0;
  for (let at = bytes.indexOf(START); at >= 0; at = bytes.indexOf(START, at + 1)) count++;
  return count;
}
