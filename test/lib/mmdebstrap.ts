import { machineSources } from '@apt-ostree/apt';
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

/**
 * The machine's own archives as one-line sources of another suite, in whichever form the machine has them.
 * @param suite codename; the machine's own where undefined
 * @param root where the machine's /etc is
 */
export const sources = (suite?: string, root = '/'): string =>
  machineSources(suite, root)
    .map(({ uris, suite, components, signedBy }) => {
      const key = signedBy === undefined ? '' : `[signed-by=${signedBy}] `;
      return `deb ${key}${uris[0]} ${suite} ${components.join(' ')}`;
    })
    .join('\n');
