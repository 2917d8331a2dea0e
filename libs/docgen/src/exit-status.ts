import { EXIT, type ExitName } from '@apt-ostree/errors';
import { bold, item, text } from './roff.ts';

const MEANING: Record<ExitName, string> = {
  ok: 'Done.',
  failed: 'The operation failed: no solution, a script failed, a conflict.',
  usage: 'An unknown option, a surplus argument or a repeated single option.',
  data: 'Bad data: a manifest, an index, a package, an image.',
  noInput: 'An input is not there.',
  unavailable: 'An archive or registry is unavailable.',
  software: 'A bug of ours.',
  os: 'The system refused: privilege, sandbox.',
  cannotCreate: 'Something cannot be created.',
  io: 'An input or output error, also a full disk.',
  busy: 'Somebody else is at it: try again.',
  unchanged: 'Nothing changed.',
  config: 'A bad treefile or configuration.',
};

const UNCHANGED = 'Nothing changed, where an option asks for this code.';

/** Where it means something else. */
const UNCHANGED_OF: Record<string, string> = {
  status: 'With --pending-exit-77: a deployment waits for a reboot.',
  upgrade: 'With --check or --preview: there is nothing newer. With --unchanged-exit-77: nothing changed.',
};

/** apt-ostree has rpm-ostree's codes; the tools have those of sysexits.h. */
export function exitStatus(porcelain: boolean, command: string): string {
  if (porcelain)
    return [
      item(bold('0'), text('Done.')),
      item(bold('77'), text(UNCHANGED_OF[command] ?? UNCHANGED)),
      item(bold('1'), text('Every failure; the message says which.')),
    ].join('');
  const names = (Object.keys(EXIT) as ExitName[]).filter((name) => name !== 'unchanged');
  return names.map((name) => item(bold(String(EXIT[name])), text(MEANING[name]))).join('');
}
