import { type Args, defineTool } from '@apt-ostree/cli';

const args = {
  sysroot: { type: 'string', valueHint: 'SYSROOT', description: 'work on this sysroot', default: '/' },
  configuration: {
    type: 'string',
    valueHint: 'FILE',
    description: 'read the configuration there',
    default: '/etc/apt-ostreed.conf',
  },
  'also-name': {
    type: 'string',
    valueHint: 'NAME',
    description: 'serve the same objects under this bus name too, with its object paths and interfaces',
  },
} as const;

export type DaemonArgs = Args<typeof args>;

export const command = defineTool({
  name: 'apt-ostreed',
  summary: 'change the system for clients on the bus',
  description: `Owns org.aptostree1 on the system's bus, or on the one that DBUS_SYSTEM_BUS_ADDRESS names, and shows the deployments of a sysroot there. It makes changes for those whom polkit lets. On a bus without polkit only root may change anything.

A method that changes something opens a transaction and returns the address of a socket of its own. One runs at a time: who asks for the same joins it, who asks for another is told that one is in progress. Its clients connect to the socket and call Start; what it does comes as the signals Message, TaskBegin, TaskEnd, PercentProgress and DownloadProgress, and Finished is the last one. Cancel, or Ctrl-C in apt-ostree, takes back what was begun. A client that leaves the bus before Start has given its transaction up; after Start it goes on without its client. Whoever may only look on finds another socket in the property ActiveTransactionPath.

Calls of the bus or systemd start it; it ends when nobody has needed it for a while (IdleExitTimeout): no call, no client that has registered, no transaction. 'systemctl status apt-ostreed' shows what it does.

The journal has how far a transaction is, and for each that is over an entry with MESSAGE_ID 0d9e3ba5bbd14c31a5c6a7e0a5de7a41: who asked (AGENT, AGENT_UID), COMMAND_LINE, OPERATION, PACKAGES, the commits before and after (OSTREE_CHECKSUM_BEFORE, OSTREE_CHECKSUM) and DURATION_MSEC.

The interfaces are described by /usr/share/dbus-1/interfaces/org.aptostree1.xml. Those of their members that rpm-ostree has too have its signatures: with --also-name org.projectatomic.rpmostree1 its clients find what they look for. What is newer than the system, found by a check, is in the property CachedUpdate, and 'apt-ostree status' shows it.

What a change needs is done by apt-ostree, which works the same without the daemon.`,
  args,
  manual: 8,
  examples: [
    { command: 'busctl introspect org.aptostree1 /org/aptostree1/Sysroot', text: 'What it offers.' },
    {
      command: 'journalctl MESSAGE_ID=0d9e3ba5bbd14c31a5c6a7e0a5de7a41 -o verbose',
      text: 'What was changed, for whom, and how long it took.',
    },
    {
      command: 'apt-ostreed --sysroot /mnt',
      text: 'Serve a sysroot that is mounted, on the bus of DBUS_SYSTEM_BUS_ADDRESS.',
    },
  ],
  files: {
    '/etc/apt-ostreed.conf': 'the configuration, apt-ostreed.conf(5)',
    '/usr/share/polkit-1/actions/org.aptostree1.policy': 'the actions for which polkit is asked',
    '/run/apt-ostreed': 'sockets of transactions, whose names are known to their clients only',
  },
  seeAlso: ['apt-ostree(1)', 'apt-ostreed.conf(5)', 'polkit(8)', 'busctl(1)', 'gdbus(1)'],
  work: async () => (await import('./daemon.ts')).daemon,
});
