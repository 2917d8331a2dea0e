import type { Tree } from '@apt-ostree/ostree';

const PROGRAM = 'usr/bin/uname';
const REAL = 'usr/libexec/aot-uname';

/** Makes uname(1) in a tree name the tree's kernel as the one that runs: sources ask it which headers to take. */
export function answerUname(tree: Tree, kver: string): void {
  if (!tree.isFile(PROGRAM)) return;
  tree.rename(PROGRAM, REAL);
  tree.write(PROGRAM, script(kver), { mode: 0o755 });
}

const script = (kver: string): string => `#!/bin/sh
said=$(/${REAL} "$@") || exit
runs=$(/${REAL} -r)
case $said in *"$runs"*) said=\${said%%"$runs"*}${quoted(kver)}\${said#*"$runs"} ;; esac
echo "$said"
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
