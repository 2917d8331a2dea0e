import type { OntoArgs } from '../layer/onto.ts';

/** Whether a command that changes the base is to change what is layered too. */
export const editsLayer = ({ install, uninstall }: OntoArgs): boolean => install.length + uninstall.length > 0;
