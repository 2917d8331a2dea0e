import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunResult, run } from '@apt-ostree/run';
import { CACHE, TOP } from './checkout.ts';
import { once } from './once.ts';

const REQUIREMENTS = join(TOP, 'test/lib/spdx-tools.requirements.txt');

/** Debian's, whatever else is in PATH: python3-venv is for no other. */
const PYTHON = '/usr/bin/python3';

/**
 * Has the SPDX project's own validator judge a document.
 * @param file its name says the format, as `.spdx.json`
 * @returns exit code 1, with what is wrong on standard error, where it is not valid
 */
export async function validateSpdx(file: string): Promise<RunResult> {
  return run(join(await environment(), 'bin/pyspdxtools'), ['--infile', file], { ok: [0, 1] });
}

/** A Python environment with the validator, which no package of Debian has. Kept between runs, as pnpm is. */
async function environment(): Promise<string> {
  const name = `spdx-tools-${await key()}`;
  const directory = join(TOP, 'build/tooling', name);
  await once(directory, () => install(directory, join(CACHE, name)));
  return directory;
}

/** An environment is of the very Python that made it, and some wheels are for one version of it. */
async function key(): Promise<string> {
  const { stdout: version } = await run(PYTHON, ['--version']);
  return createHash('sha256').update(version).update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
}

/** @param wheels what was downloaded, kept apart: an environment that is made again asks no index */
async function install(directory: string, wheels: string): Promise<void> {
  await run(PYTHON, ['-m', 'venv', directory]);
  const pip = (command: string, ...options: string[]) => {
    const pinned = ['--only-binary', ':all:', '--require-hashes', '--requirement', REQUIREMENTS];
    const args = [command, '--quiet', '--disable-pip-version-check', ...options, ...pinned];
    return run(join(directory, 'bin/pip'), args, { what: 'cannot install the validator of SPDX documents' });
  };
  await once(wheels, () => pip('download', '--dest', wheels)); // from the index that the machine is configured for
  await pip('install', '--no-index', '--find-links', wheels);
}
