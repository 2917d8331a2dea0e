import { lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptSandbox } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';
import type { RootfsManifest } from '@apt-ostree/manifest';

interface Answer {
  package: string;
  type: string;
  value: string;
}

/** Where a tree has the program: below /usr also where that is merged. */
const PLACES = ['/usr/bin/debconf-set-selections', '/usr/sbin/debconf-set-selections'];

/** Hands the treefile's answers to debconf-set-selections(1), before any script can ask. */
export async function preseed(sandbox: ScriptSandbox, { treefile }: RootfsManifest): Promise<void> {
  const answers = Object.entries((treefile['debconf'] ?? {}) as Record<string, Answer>);
  if (answers.length === 0) return;
  if (!PLACES.some((place) => lstatSync(sandbox.overlay.merged + place, { throwIfNoEntry: false }))) {
    throw new AotError('failed', "cannot hand on answers: the tree has no 'debconf-set-selections'", {
      hint: "add 'debconf' to the packages of the treefile, or leave out its key 'debconf'",
    });
  }
  const lines = answers.map(([question, a]) => `${a.package} ${question} ${a.type} ${a.value}\n`);
  writeFileSync(join(sandbox.control.path, 'answers'), lines.join(''));
  await sandbox.run({
    as: { package: 'treefile', script: 'debconf' },
    argv: ['debconf-set-selections', '/run/aot/answers'],
  });
}
