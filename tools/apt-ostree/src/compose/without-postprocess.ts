import keys from '../data/postprocess-keys.json';

/** What is edited as soon as the packages are configured. */
const AT_ONCE = ['documentation', 'install-langs', 'readonly-executables'];

/** A flattened treefile without what `compose install` has done already. */
export const onlyPostprocess = (treefile: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(treefile).filter(([name]) => !AT_ONCE.includes(name)));

/** A flattened treefile without what is done after the packages are configured. */
export const withoutPostprocess = (treefile: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(treefile).filter(([name]) => !keys.some(({ key }) => key === name)));
