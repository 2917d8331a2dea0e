import { rmSync } from 'node:fs';
import { SCRATCH } from './checkout.ts';

/** Every run of the suite makes its trees anew; only the download and package cache stays. */
export default function setup(): void {
  rmSync(SCRATCH, { recursive: true, force: true });
}
