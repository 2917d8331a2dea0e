import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { explain } from '@apt-ostree/errors';
import type { Deployment } from '@apt-ostree/host';

const FILE = '/run/apt-ostree/live.json';

/** What was applied to the running system since it booted. */
export interface LiveState {
  /** The id of the booted deployment. */
  deployment: string;
  /** The commit that /usr shows; the booted one's where nothing is applied. */
  commit: string;
  /** A run to this commit has begun and not ended: /usr is between the two. */
  inProgress?: string;
  /** What may differ from the booted commit, as in `usr/bin/htop`; a directory stands for all that is in it. */
  paths: string[];
  /** Directories that may have another owner or mode. */
  directories: string[];
  /** The same for /etc, as in `etc/htoprc`. */
  etc: string[];
}

/** Undefined where nothing was applied. */
export function readLive(booted: Deployment): LiveState | undefined {
  if (!existsSync(FILE)) return undefined;
  try {
    const state = JSON.parse(readFileSync(FILE, 'utf8')) as LiveState;
    return state.deployment === booted.id ? state : undefined;
  } catch (error) {
    throw explain(error, `cannot read '${FILE}'`);
  }
}

export function writeLive(state: LiveState): void {
  try {
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(`${FILE}.new`, `${JSON.stringify(state)}\n`);
    renameSync(`${FILE}.new`, FILE);
  } catch (error) {
    throw explain(error, `cannot write '${FILE}'`);
  }
}
