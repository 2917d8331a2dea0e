/**
 * A URI as it may be shown: without the user name and password that it may carry. Where the text is no URL nobody knows
 * where a password ends, so everything up to the last @ goes.
 */
export const redact = (uri: string): string =>
  uri.replace(URL.canParse(uri) ? /^([a-z0-9+.-]+:\/\/)[^/]*@/i : /^([a-z0-9+.-]+:\/\/)?.*@/i, '$1');
