import { readFileSync } from 'node:fs';
import { run } from '@apt-ostree/run';

/**
 * The tree that real dpkg makes of the same packages: mmdebstrap unpacks and configures Essential, then apt installs the
 * rest. The archive is the machine's own.
 * @param packages name=version of everything that is not essential
 * @param clock SOURCE_DATE_EPOCH, which some scripts heed, as ours see it
 */
export async function mmdebstrap(directory: string, suite: string, packages: string[], clock: number): Promise<void> {
  const args = [
    '--quiet',
    '--variant=essential',
    '--mode=root',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    '--skip=cleanup/reproducible',
    ...(packages.length > 0 ? [`--include=${packages.join(',')}`] : []),
    suite,
    directory,
    '-',
  ];
  await run('mmdebstrap', args, {
    input: sources(suite),
    env: { SOURCE_DATE_EPOCH: String(clock) },
    what: `cannot make the reference tree '${directory}'`,
  });
}

/** One-line sources for a suite and its updates, from the machine's own deb822 sources of its own suite. */
export function sources(suite: string): string {
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] as string;
  const text = readFileSync('/etc/apt/sources.list.d/debian.sources', 'utf8');
  return text
    .split(/\n\n+/)
    .map((stanza) =>
      Object.fromEntries(
        stanza
          .split('\n')
          .filter((l) => /^[A-Z]/.test(l))
          .map((l) => l.split(/:\s*/, 2) as [string, string]),
      ),
    )
    .flatMap((s) => {
      const uri = stanzaUri(text, s['Suites'] ?? '');
      return (s['Suites'] ?? '')
        .split(/\s+/)
        .filter((n) => n.startsWith(codename))
        .map((n) => `deb [signed-by=${s['Signed-By']}] ${uri} ${n.replace(codename, suite)} ${s['Components']}`);
    })
    .join('\n');
}

function stanzaUri(text: string, suites: string): string {
  const stanza = text.split(/\n\n+/).find((s) => s.includes(`Suites: ${suites}`)) ?? '';
  return /^URIs:\s*(\S+)/m.exec(stanza)?.[1] as string;
}
