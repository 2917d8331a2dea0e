import type { CommandDefinition, Work } from '@apt-ostree/cli';

/** Commands that the daemon can do: the same work with the same output, by whoever polkit lets. */
export const COMMANDS = [
  ...['upgrade', 'deploy', 'rebase', 'rollback', 'cleanup', 'reset', 'kargs', 'finalize-deployment'],
  ...['install', 'uninstall', 'override replace', 'override remove', 'override reset', 'refresh-md'],
  ...['initramfs', 'initramfs-etc', 'ex initramfs-etc', 'ex apply-live'],
];

/** A command that is done by the daemon where there is one, and by itself where not; of a group, those in it. */
export function throughDaemon(definition: CommandDefinition): CommandDefinition {
  return through(definition, definition.name);
}

function through(definition: CommandDefinition, name: string): CommandDefinition {
  const { work, subCommands } = definition;
  if (subCommands) return { ...definition, subCommands: subCommands.map((c) => through(c, `${name} ${c.name}`)) };
  if (work === undefined || !COMMANDS.includes(name)) return definition;
  return { ...definition, work: async () => ((await mayBeThere()) ? undriven(name, byDaemon(name, work)) : work()) };
}

/** What changes the base is refused where somebody else drives the updates: by the client, whoever does the work. */
async function undriven(name: string, work: Promise<Work>): Promise<Work> {
  if (!['upgrade', 'deploy', 'rebase'].includes(name)) return work;
  const [{ refuseDriven }, run] = [await import('../driver/driver.ts'), await work];
  return async (args, context) => {
    if (!isLook(args)) await refuseDriven(args['bypass-driver'] === true, context);
    return run(args, context);
  };
}

const isLook = (args: Record<string, unknown>): boolean =>
  ['check', 'preview', 'check-diff', 'register-driver'].some(
    (name) => args[name] !== undefined && args[name] !== false,
  );

const byDaemon = async (name: string, work: () => Promise<Work>): Promise<Work> =>
  (await import('./by-daemon.ts')).byDaemon(name, work);

/** Set for the children of the daemon, which do the work themselves. In a container there is none. */
const mayBeThere = async (): Promise<boolean> =>
  process.env['APT_OSTREE_DIRECT'] !== '1' && !(await import('@apt-ostree/host')).inContainer();
