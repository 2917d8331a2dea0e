import type { InTree } from './in-tree.ts';
import { MACHINE_LOCAL, MACHINE_OPT, SHIPPED_LOCAL, SHIPPED_OPT } from './local.ts';

/** The program in a tree that removes links and directories of ours from the machine's /opt and /usr/local. */
export const SWEEP_LINKS = 'usr/libexec/aot-sweep-links';

const UNITS = 'usr/lib/systemd/system';
const UNIT = 'aot-sweep-links.service';

/** On the machine: the directories of /usr/local that were made for files of packages, a line each. */
const MADE = 'var/lib/apt-ostree/usrlocal-directories';

/**
 * Gives the tree what removes, at boot, the links of /opt and /usr/local to files that an earlier tree had, and directories
 * that were made for them: systemd-tmpfiles makes these and has no line that would take back only its own.
 */
export function sweepLinks({ tree }: InTree): void {
  if (!tree.isDirectory(UNITS)) return;
  tree.write(SWEEP_LINKS, SCRIPT, { mode: 0o755 });
  tree.write(`${UNITS}/${UNIT}`, UNIT_TEXT);
  tree.symlink(`../${UNIT}`, `${UNITS}/sysinit.target.wants/${UNIT}`);
}

/** A link that is left would keep systemd-tmpfiles from making a directory of its name. */
const UNIT_TEXT = `[Unit]
Description=Remove links in /opt and /usr/local to files that packages do not ship any more
DefaultDependencies=no
ConditionPathIsReadWrite=/var
RequiresMountsFor=/var/opt /var/usrlocal /var/lib/apt-ostree
After=local-fs.target
Before=systemd-tmpfiles-setup.service sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/${SWEEP_LINKS}
`;

/**
 * A link is ours when it leads to its own name below the place of shipped files, by the relative path that we give it.
 * find enters the directory of each without following links, so whoever may write there cannot make it another.
 */
const SCRIPT = `#!/bin/sh
# Removes links to files of packages that the system has no more. A link counts only if it leads from its place in /opt or
# /usr/local to the same name in ${SHIPPED_OPT} or ${SHIPPED_LOCAL}, as systemd-tmpfiles makes it.
sweep() {
  [ -d "$1" ] || return 0
  find "$@" -xdev -mindepth 1 -type l -execdir sh -c '
    for link; do
      at=$(pwd -P)/\${link#./}
      case $at in
        /${MACHINE_OPT}/*) shipped=${SHIPPED_OPT}/\${at#/${MACHINE_OPT}/} ;;
        /${MACHINE_LOCAL}/*) shipped=${SHIPPED_LOCAL}/\${at#/${MACHINE_LOCAL}/} ;;
        *) continue ;;
      esac
      if [ -e "/$shipped" ] || [ -L "/$shipped" ]; then continue; fi
      target=$(readlink -- "$link")
      up=\${target%"$shipped"}
      [ "$up" != "$target" ] || continue
      while [ "\${up#../}" != "$up" ]; do up=\${up#../}; done
      if [ -z "$up" ]; then rm -f -- "$link"; fi
    done
  ' sh {} +
}
sweep /${MACHINE_OPT} -maxdepth 1
sweep /${MACHINE_LOCAL}

# Then directories of /usr/local in which packages have no file any more, if they are empty and were made for packages: the
# record has those that were not there when systemd-tmpfiles was about to make them.
made=/${MADE}
if [ -s "$made" ] && [ -d /${MACHINE_LOCAL} ]; then
  find /${MACHINE_LOCAL} -xdev -depth -mindepth 1 -type d -execdir sh -c '
    for directory; do
      at=$(pwd -P)/\${directory#./}
      below=\${at#/${MACHINE_LOCAL}/}
      case $below in "$at"|*"
"*) continue ;; esac
      if [ -d "/${SHIPPED_LOCAL}/$below" ]; then continue; fi
      if grep -qxF -e "$below" "$0"; then rmdir -- "$directory" 2>/dev/null || :; fi
    done
  ' "$made" {} +
fi
[ -s "$made" ] || [ -d /${SHIPPED_LOCAL} ] || exit 0
umask 022
mkdir -p "\${made%/*}"
[ -e "$made" ] || : >"$made"
if [ -d /${SHIPPED_LOCAL} ]; then
  find /${SHIPPED_LOCAL} -mindepth 1 -type d -exec sh -c '
    for shipped; do
      below=\${shipped#/${SHIPPED_LOCAL}/}
      case $below in *"
"*) continue ;; esac
      if [ -e "/${MACHINE_LOCAL}/$below" ] && ! grep -qxF -e "$below" "$0"; then continue; fi
      printf "%s\\n" "$below"
    done
  ' "$made" {} +
fi >"$made.new"
mv -f "$made.new" "$made"
`;
