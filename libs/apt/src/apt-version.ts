import { run } from '@apt-ostree/run';

/** The version of the machine's apt, as in `3.0.3`. */
export async function aptVersion(): Promise<string> {
  const { stdout } = await run('apt-get', ['--version'], { env: { LC_ALL: 'C.UTF-8', APT_CONFIG: '/dev/null' } });
  return /^apt (\S+)/.exec(stdout)?.[1] ?? 'unknown';
}
