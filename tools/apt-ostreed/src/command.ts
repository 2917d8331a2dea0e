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
  description: `Owns org.aptostree1 on the system's bus, or on the one that DBUS_SYSTEM_BUS_ADDRESS names, and shows the deployments of a sysroot there. It makes changes for those whom polkit lets: one at a time, each as a transaction that its clients follow, and cancel, over a socket of its own. On a bus without polkit only root may change anything.

It is started when it is called, and ends when nobody has needed it for a minute. The interfaces are described by /usr/share/dbus-1/interfaces/org.aptostree1.xml. Those of their members that rpm-ostree has too have its signatures: with --also-name org.projectatomic.rpmostree1 its clients find what they look for.

What a change needs is done by apt-ostree, which works the same without the daemon.`,
  args,
  manual: 8,
  examples: [
    { command: 'busctl introspect org.aptostree1 /org/aptostree1/Sysroot', text: 'What it offers.' },
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
  seeAlso: ['apt-ostree(1)', 'apt-ostreed.conf(5)', 'polkit(8)', 'busctl(1)'],
  work: async () => (await import('./daemon.ts')).daemon,
});
