import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptSandbox } from '@apt-ostree/bwrap';
import type { RootfsManifest } from '@apt-ostree/manifest';

interface Answer {
  package: string;
  type: string;
  value: string;
}

/** Hands the treefile's answers to debconf-set-selections(1), before any script can ask. */
export async function preseed(sandbox: ScriptSandbox, { treefile }: RootfsManifest): Promise<void> {
  const answers = Object.entries((treefile['debconf'] ?? {}) as Record<string, Answer>);
  if (answers.length === 0) return;
  const lines = answers.map(([question, a]) => `${a.package} ${question} ${a.type} ${a.value}\n`);
  writeFileSync(join(sandbox.control.path, 'answers'), lines.join(''));
  await sandbox.run({
    as: { package: 'treefile', script: 'debconf' },
    argv: ['debconf-set-selections', '/run/aot/answers'],
  });
}
