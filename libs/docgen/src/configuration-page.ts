import { DAEMON_KEYS } from '@apt-ostree/host';
import { bold, header, italic, item, paragraphs, reference, section, text, verbatim } from './roff.ts';

const DESCRIPTION = `Says how apt-ostreed behaves, and which programs are the stages of a compose. The file has groups of keys, as in the Desktop Entry Specification; lines that begin with # are comments. A key that is not listed here is an error.

The daemon reads the file when it starts, and when 'apt-ostree reload' tells it to. A wrong file is refused then, and what was read before stays in force.`;

const STAGES = `A key is the name of a stage: resolve, fetch, unpack, sandbox or commit. Its value is the command that runs as this stage instead of ours.`;

/** apt-ostreed.conf(5), from the table of keys. */
export function configurationPage(version: string): string {
  return [
    header('apt-ostreed.conf', 5, version),
    section('NAME', `apt\\-ostreed.conf \\- ${text('configuration of apt-ostreed and apt-ostree')}\n`),
    section('SYNOPSIS', `${italic('/etc/apt-ostreed.conf')}\n`),
    section('DESCRIPTION', paragraphs(DESCRIPTION)),
    section('[DAEMON]', Object.entries(DAEMON_KEYS).map(keyItem).join('')),
    section('[STAGES]', paragraphs(STAGES)),
    section('EXAMPLES', verbatim('[Daemon]\nAutomaticUpdatePolicy=stage')),
    section('SEE ALSO', `${['apt-ostreed(8)', 'apt-ostree(1)'].map(reference).join(',\n')}\n`),
  ].join('');
}

function keyItem([name, key]: [string, (typeof DAEMON_KEYS)[keyof typeof DAEMON_KEYS]]): string {
  const values = `${key.values[0]?.toUpperCase()}${key.values.slice(1)}.`;
  return item(bold(`${name}=`), text([key.description, values, `Default: ${key.default}.`].join(' ')));
}
