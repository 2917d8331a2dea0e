import type { CommandDefinition, Work } from '@apt-ostree/cli';

/** Commands that the daemon can do: the same work with the same output, by whoever polkit lets. */
const COMMANDS = ['upgrade', 'deploy', 'rebase', 'rollback', 'cleanup', 'reset', 'kargs', 'finalize-deployment'];

/** A command that is done by the daemon where there is one, and by itself where not. */
export function throughDaemon(definition: CommandDefinition): CommandDefinition {
  const { work } = definition;
  if (work === undefined || !COMMANDS.includes(definition.name)) return definition;
  return { ...definition, work: async () => (await wanted(definition.name)) ?? work() };

  async function wanted(name: string): Promise<Work | undefined> {
    if (!mayBeThere()) return undefined;
    const { byDaemon } = await import('./by-daemon.ts');
    return byDaemon(name, work as () => Promise<Work>);
  }
}

/** Set for the children of the daemon, which do the work themselves. */
const mayBeThere = (): boolean => process.env['APT_OSTREE_DIRECT'] !== '1';
