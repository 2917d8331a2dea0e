import type { Option } from '@apt-ostree/cli';
import refused from './data/refused.json';

/** Options of rpm-ostree that cannot mean anything on Debian: known, shown in the help, and refused with a reason. */
export function refusedOptions(command: string): Record<string, Option> {
  const rows = refused.filter((r) => r.command === command);
  return Object.fromEntries(
    rows.map(({ option, reason, valueHint }) => [
      option,
      { ...form(valueHint), description: 'not on Debian', refused: reason },
    ]),
  );
}

const form = (valueHint: string | undefined): Pick<Option, 'type' | 'valueHint'> =>
  valueHint === undefined ? { type: 'boolean' } : { type: 'string', valueHint };
