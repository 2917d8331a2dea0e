import { machineArchitecture } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import { debianArchitecture } from '@apt-ostree/treefile';

/**
 * Debian's name of the architecture that is wanted.
 * @throws AotError `usage` for what is none
 */
export async function architectureOf(given: string | undefined): Promise<string> {
  if (given === undefined) return machineArchitecture();
  const known = debianArchitecture(given);
  if (known !== undefined) return known;
  throw new AotError('usage', `option '--arch' cannot be '${given}'`, { hint: "as in 'amd64' or 'arm64'" });
}
