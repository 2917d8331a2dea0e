import { parseStanzas, type Stanza } from 'deb822';
import type { ImportedPackage } from '../deb/import-deb.ts';

/** The stanza of dpkg's status file for a package that is unpacked and not configured yet. */
export function unpackedStanza({ control, conffiles }: Pick<ImportedPackage, 'control' | 'conffiles'>): string {
  const withStatus = control.replace(/^(Package:.*\n)/im, '$1Status: install ok unpacked\n');
  if (conffiles.length === 0) return withStatus;
  const lines = conffiles.map((c) => ` ${c.path} newconffile${c.removeOnUpgrade ? ' remove-on-upgrade' : ''}\n`);
  return `${withStatus}Conffiles:\n${lines.join('')}`;
}

/** Reads dpkg's status file, or any text of that form. */
export const parseStatus = (text: string): Stanza[] => [...parseStanzas(text)];
