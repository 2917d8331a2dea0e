import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stopAndWait } from './control-directory.ts';
import { CONTROL } from './recorders.ts';

/** The stub's name below the control directory, for a script that lies in the directory bound at CONTROL/info. */
export const STUB = `${CONTROL}/stub`;
export const PREINST_STUB = `${CONTROL}/preinst`;

const begin = [
  `printf '%s\\0' "$(($# + 3))" B "$DPKG_MAINTSCRIPT_PACKAGE:$DPKG_MAINTSCRIPT_ARCH" "$DPKG_MAINTSCRIPT_NAME" "$@" >>${CONTROL}/log`,
  stopAndWait,
];
const end = ['code=$?', `printf '%s\\0' 2 E "$code" >>${CONTROL}/log`, stopAndWait, 'exit $code', ''];

/**
 * Writes the stubs that stand around maintainer scripts. dpkg's environment variables (dpkg(1), "internal environment")
 * say which script it is; the real one is run with dpkg's arguments and its exit status is handed on.
 */
export function writeStubs(control: string): void {
  write(control, 'stub', ['#!/bin/sh', ...begin, `"${CONTROL}/info/\${0##*/}" "$@"`, ...end]);
  // dpkg moves the control directory's files into its database later, so the real preinst takes its place again first
  write(control, 'preinst', [
    '#!/bin/sh',
    'mv -f "$0.real" "$0" || exit',
    '[ -x "$0" ] || chmod 0755 "$0"',
    ...begin,
    '"$0" "$@"',
    ...end,
  ]);
  write(control, 'bin/dpkg-deb', [
    '#!/bin/sh',
    '[ "$1" = --control ] || exec /usr/bin/dpkg-deb "$@"',
    '/usr/bin/dpkg-deb "$@" || exit',
    '[ -f "$3/preinst" ] || exit 0',
    `mv "$3/preinst" "$3/preinst.real" && cp ${PREINST_STUB} "$3/preinst"`,
    '',
  ]);
}

const write = (control: string, name: string, lines: string[]): void =>
  writeFileSync(join(control, name), lines.join('\n'), { mode: 0o755 });
