import variables from './data/environment.json' with { type: 'json' };

/**
 * The whole environment of a program in the sandbox: reviewed constants, the clock, and what the caller adds.
 * @param epoch seconds since the epoch, as the SOURCE_DATE_EPOCH specification of reproducible-builds.org has it
 */
export function sandboxEnvironment(epoch: number, extra: Record<string, string> = {}): Record<string, string> {
  const constants = Object.fromEntries(variables.map((v) => [v.name, v.value]));
  return { ...constants, SOURCE_DATE_EPOCH: String(epoch), ...extra };
}
