import type { Layout } from '../layout.ts';

const DAY = 86_400;

/**
 * Makes the shadow files say nothing about the day of the build and agree with passwd and group: the last change of every
 * password is the compose's clock, and gshadow has exactly the groups there are (systemd-sysusers ends with an error where
 * they differ).
 */
export function shadow({ tree, clock }: Layout): void {
  const users = tree.readText('etc/shadow');
  if (users !== undefined)
    replace(
      'etc/shadow',
      users,
      users
        .split('\n')
        .map((line) => redate(line, clock))
        .join('\n'),
    );
  const group = tree.readText('etc/group');
  const gshadow = tree.readText('etc/gshadow');
  if (group !== undefined && gshadow !== undefined) replace('etc/gshadow', gshadow, agree(gshadow, group));

  function replace(path: string, before: string, after: string): void {
    if (after !== before) tree.rewrite(path, after);
  }
}

/** shadow(5): the third field is the day of the last change since 1970; 0 forces a new password and stays. */
function redate(line: string, clock: number): string {
  const fields = line.split(':');
  if (fields.length !== 9 || !/^[1-9]\d*$/.test(fields[2] as string)) return line;
  fields[2] = String(Math.floor(clock / DAY));
  return fields.join(':');
}

function agree(gshadow: string, group: string): string {
  const names = group
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(':')[0] as string);
  const kept = gshadow.split('\n').filter((line) => line !== '' && names.includes(line.split(':')[0] as string));
  const there = new Set(kept.map((line) => line.split(':')[0]));
  const missing = names.filter((name) => !there.has(name)).map((name) => `${name}:!::`);
  return [...kept, ...missing].map((line) => `${line}\n`).join('');
}
