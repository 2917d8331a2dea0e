import { parseStanzas, type Stanza } from 'deb822';
import type { ImportedPackage } from '../deb/import-deb.ts';
import { mergedPath } from '../usr-merge.ts';

/**
 * The stanza of dpkg's status file for a package that is unpacked and not configured yet.
 * @param lost paths without leading slash that another package replaced: such conffiles are obsolete
 */
export function unpackedStanza(
  { control, conffiles }: Pick<ImportedPackage, 'control' | 'conffiles'>,
  lost: ReadonlySet<string> = new Set(),
): string {
  const withStatus = control.replace(/^(Package:.*\n)/im, '$1Status: install ok unpacked\n');
  if (conffiles.length === 0) return withStatus;
  const lines = conffiles.map((c) => {
    const obsolete = lost.has(mergedPath(c.path.slice(1))) ? ' obsolete' : '';
    return ` ${c.path} newconffile${obsolete}${c.removeOnUpgrade ? ' remove-on-upgrade' : ''}\n`;
  });
  return `${withStatus}Conffiles:\n${lines.join('')}`;
}

/** Reads dpkg's status file, or any text of that form. */
export const parseStatus = (text: string): Stanza[] => [...parseStanzas(text)];

/** The packages of a status file that are installed, whatever else is wished for them: deb-status, dpkg(1) "Package states". */
export const installedStanzas = (text: string): Stanza[] =>
  parseStatus(text).filter((stanza) => / installed$/.test(stanza.get('Status') ?? ''));
