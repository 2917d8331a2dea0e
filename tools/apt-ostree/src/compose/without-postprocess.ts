import keys from '../data/postprocess-keys.json';

/** A flattened treefile without what is done after the packages are configured. */
export const withoutPostprocess = (treefile: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(treefile).filter(([name]) => !keys.some(({ key }) => key === name)));
