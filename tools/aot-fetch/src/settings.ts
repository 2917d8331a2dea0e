import type { AptConfiguration } from '@apt-ostree/apt/transport';
import { Throttle } from './throttle.ts';

export interface TransferSettings {
  /** How often a transfer that broke is taken up again. */
  retries: number;
  throttle: Throttle;
}

/** Those of apt's options that concern a transfer as a whole. */
export function transferSettings(configuration: AptConfiguration): TransferSettings {
  const kilobytes = configuration.number(configuration.acquire('https', 'Dl-Limit'), 0);
  return {
    retries: configuration.number(configuration.get('Acquire::Retries'), 3),
    throttle: new Throttle(kilobytes * 1024),
  };
}
