/**
 * What stands before bubblewrap, so that nothing of it is left when we are killed. Its inner process asks to die with the
 * outer one (`--die-with-parent`) only after it has waited for it, so that the outer one, killed in that moment, leaves it
 * waiting for ever. Here both are in a process namespace whose first process the kernel ends with us, and with that all of it.
 * From 0.11 on bubblewrap looks its inner process up in /proc, which has to be that namespace's.
 */
export const LAUNCH = [
  'setpriv',
  '--pdeathsig',
  'KILL',
  '--',
  'unshare',
  '--pid',
  '--kill-child',
  '--mount-proc',
  '--',
  'bwrap',
] as const;
