import { flag } from '../later.ts';

/** Fedora's archives have advisories as data; here the option is known and refused. */
export const ADVISORIES = {
  advisories: flag('not on Debian', {
    alias: 'a',
    refused: "Debian's archives carry no advisories; 'db diff --changelogs' shows what was fixed",
  }),
};
