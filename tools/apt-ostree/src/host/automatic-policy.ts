import { isAotError } from '@apt-ostree/errors';
import { type Policy, readConfiguration } from '@apt-ostree/host';
import { CONFIGURATION } from '@apt-ostree/pipeline/configuration';

/** The policy for automatic updates, to be told only: a configuration that cannot be used is told by what uses it. */
export function automaticPolicy(): Policy {
  try {
    return readConfiguration(CONFIGURATION).automaticUpdatePolicy;
  } catch (error) {
    if (isAotError(error)) return 'none';
    throw error;
  }
}
