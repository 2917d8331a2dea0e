import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, run, temporaryDirectory } from '@apt-ostree/run';

/**
 * What `apt-config dump` prints. APT_CONFIG is honoured for this machine, as it is by apt; for another system the file that
 * it names says where that is, which apt reads before the system's own.
 * @param system root of the system whose configuration is meant
 */
export async function configDump(system: string, options: RunOptions): Promise<string> {
  if (system === '/') return (await run('apt-config', ['dump'], options)).stdout;
  const scratch = await temporaryDirectory(tmpdir());
  try {
    const file = join(scratch.path, 'apt.conf');
    writeFileSync(file, `Dir "${system}/";\n`);
    return (await run('apt-config', ['dump'], { ...options, env: { APT_CONFIG: file } })).stdout;
  } finally {
    await scratch.remove();
  }
}
