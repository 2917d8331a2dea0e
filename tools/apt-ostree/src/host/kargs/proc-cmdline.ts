import { splitArguments } from '@apt-ostree/host';

/** What the boot loader adds by itself, and what names the deployment. */
const FOREIGN = /^(BOOT_IMAGE|initrd|ostree)=/;

/** The arguments of the running kernel that belong to nobody else (proc_cmdline(5)). */
export const ofRunningKernel = (line: string): string[] => splitArguments(line).filter((a) => !FOREIGN.test(a));
