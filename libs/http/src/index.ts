export { explainNetwork, HttpError } from './network-error.ts';
export { retryAfter } from './retry-after.ts';
export { pause, type RetryOptions, retrying } from './retrying.ts';
