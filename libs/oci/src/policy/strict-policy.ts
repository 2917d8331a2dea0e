import { type Fields, isFields } from '../validate.ts';

const ACCEPTS_ANYTHING = 'insecureAcceptAnything';

/**
 * A policy (containers-policy.json(5)) by which nothing is accepted that nobody vouches for: where a rule accepts anything,
 * this one refuses. Which rule applies to an image remains for others to say.
 * @throws Error that says what is wrong with it
 */
export function strictPolicy(policy: unknown): Fields {
  if (!isFields(policy)) throw new Error('it is not an object');
  const transports = policy['transports'] ?? {};
  if (!isFields(transports)) throw new Error("its member 'transports' is not an object");
  return {
    ...policy,
    default: strictRequirements(policy['default']),
    transports: eachOf(transports, (scopes) => {
      if (!isFields(scopes)) throw new Error('a transport is not an object');
      return eachOf(scopes, strictRequirements);
    }),
  };
}

const eachOf = (fields: Fields, change: (value: unknown) => unknown): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]));

/** All of them must be met, so that one that anything meets counts only where it is alone. */
function strictRequirements(list: unknown): unknown[] {
  if (!Array.isArray(list) || !list.every(isFields)) throw new Error('it has a rule that is no list of objects');
  const meaning = list.filter((requirement) => requirement['type'] !== ACCEPTS_ANYTHING);
  return list.length > 0 && meaning.length === 0 ? [{ type: 'reject' }] : meaning;
}
