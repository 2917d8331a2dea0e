import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CONTAINER_RECORDERS, CONTROL, pathRecorders, sandboxEnvironment } from '@apt-ostree/bwrap';
import { explain } from '@apt-ostree/errors';
import { givenEpoch } from '@apt-ostree/manifest';

/** Asked by invoke-rc.d before it does anything: its interface is in the package init-system-helpers. */
const POLICY = '/usr/sbin/policy-rc.d';

/** What stands between scripts and a running system while dpkg is at work. */
export interface Helpers {
  env: Record<string, string>;
  remove(): void;
}

/**
 * Puts recorders before the programs that touch a running system, as scripts get them in the sandbox of a compose; here by
 * PATH, since a container may not mount. Services are forbidden to start.
 */
export function openHelpers(): Helpers {
  const remove = () => {
    rmSync(CONTROL, { recursive: true, force: true });
    if (isPolicyOurs) rmSync(POLICY, { force: true });
  };
  const isPolicyOurs = !existsSync(POLICY);
  try {
    rmSync(CONTROL, { recursive: true, force: true });
    for (const name of ['bin', 'real', 'tmp']) mkdirSync(join(CONTROL, name), { recursive: true });
    pathRecorders('/', CONTROL);
    for (const { path } of CONTAINER_RECORDERS)
      if (existsSync(path) && !existsSync(realOf(path))) symlinkSync(path, realOf(path));
    if (isPolicyOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  } catch (error) {
    remove();
    throw explain(error, `cannot write to '${CONTROL}'`);
  }
  return { env: environment(), remove };
}

const realOf = (path: string): string => join(CONTROL, 'real', basename(path));

function environment(): Record<string, string> {
  const epoch = givenEpoch() ?? Math.floor(Date.now() / 1000);
  const constants = sandboxEnvironment(epoch, { TMPDIR: join(CONTROL, 'tmp') });
  return { ...constants, PATH: `${CONTROL}/bin:${constants['PATH']}` };
}
