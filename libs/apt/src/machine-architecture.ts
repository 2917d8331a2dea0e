import { run } from '@apt-ostree/run';

const BY_NODE: Record<string, string> = {
  x64: 'amd64',
  arm64: 'arm64',
  ppc64: 'ppc64el',
  s390x: 's390x',
  riscv64: 'riscv64',
};

/** The Debian architecture of this machine. */
export async function machineArchitecture(): Promise<string> {
  const known = BY_NODE[process.arch]; // saves a process
  if (known !== undefined) return known;
  return (await run('dpkg', ['--print-architecture'])).stdout.trim();
}
