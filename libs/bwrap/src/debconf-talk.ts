/** Lets debconf say on standard error what scripts ask of it and what it answers (debconf(7), DEBCONF_DEBUG). */
export const TALK = { DEBCONF_DEBUG: 'developer' } as const;

const LINE = /^debconf \(developer\): (.*)\n?/gm;

/** What scripts printed, without debconf's talk: that has answers in it, and passwords among them. */
export const withoutTalk = (output: string): string => output.replace(LINE, '');

/**
 * The questions of which a script got an empty answer, or none before it ended: those that nobody could be asked. A question
 * with a default has an answer.
 * @param output with debconf's talk
 * @returns names of questions, in the order of their last asking
 */
export function unanswered(output: string): string[] {
  const open = new Set<string>();
  let before = '';
  for (const [, said] of output.matchAll(LINE)) {
    const [, command, question] = /^<-- (INPUT \S+|GET) (\S+)/.exec(before) ?? [];
    if (command !== undefined && question !== undefined) {
      const known = /^--> [03]/.test(said as string);
      if (command !== 'GET' || /^--> 0 \S/.test(said as string)) open.delete(question);
      if (command !== 'GET' && known) open.add(question);
    }
    before = said as string;
  }
  return [...open];
}
