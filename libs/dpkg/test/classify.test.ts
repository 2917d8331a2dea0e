import { expect, test } from 'vitest';
import reviewed from '../src/data/inert-preinst.json' with { type: 'json' };
import { classifyPreinst } from '../src/index.ts';

const debhelper = `#!/bin/sh
set -e
# Automatically added by dh_installdeb/13.24.2
dpkg-maintscript-helper rm_conffile /etc/apt/apt.conf.d/20changelog 1.2.4\\~ -- "$@"
dpkg-maintscript-helper dir_to_symlink /usr/share/doc/x y\\+deb13 5.7\\~rc5-1 x -- "$@"
# End automatically added section
# Automatically added by dh_installinit/13.24.2
if [ "$1" = "install" ] && [ -n "$2" ] && [ -e "/etc/init.d/chrony" ] ; then
	chmod +x "/etc/init.d/chrony" >/dev/null || true
fi
# End automatically added section
if [ -z "$DPKG_ROOT" ] && [ "$1" = upgrade ] && [ -d /run/systemd/system ] ; then
	deb-systemd-invoke stop 'chrony-wait.service' 'a@b.service' >/dev/null || true
fi

exit 0
`;

test('no script, or only what debhelper writes, need not run', () => {
  expect(classifyPreinst(undefined, true)).toBe('none');
  expect(classifyPreinst(debhelper, true)).toBe('debhelper');
  expect(classifyPreinst(debhelper, false)).toBe('debhelper');
});

test.each([
  ['a command', `${debhelper}touch /x\n`],
  ['another helper command', debhelper.replace('rm_conffile', 'finish_dir_to_symlink')],
  ['a substitution in an argument', debhelper.replace('/etc/apt', '$(touch /x)')],
  ['a second command on the line', debhelper.replace('-- "$@"', '-- "$@"; touch /x')],
  ['a comment that goes on, to other shells', '#!/bin/sh\n# x \\\ntouch /x\n'],
  ['the body of a block without its condition', '#!/bin/sh\n\tchmod +x "/etc/init.d/x" >/dev/null || true\n'],
  ['a condition that was weakened', debhelper.replace('&& [ -n "$2" ] ', '')],
  ['another interpreter', debhelper.replace('#!/bin/sh', '#!/usr/bin/perl')],
  ['no interpreter', debhelper.replace('#!/bin/sh\n', '')],
])('%s makes a script unknown', (_, script) => {
  expect(classifyPreinst(script, true)).toBe('unknown');
});

test('every reviewed row says what was read', () => {
  const hashes = reviewed.scripts.map((row) => row.sha256);
  expect(new Set(hashes).size).toBe(hashes.length);
  for (const row of reviewed.scripts) {
    expect(row.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(row.package).toMatch(/^[a-z0-9][a-z0-9+.-]+$/);
    expect(row.versions).not.toBe('');
    expect(row.reason.length).toBeGreaterThan(15);
  }
});
