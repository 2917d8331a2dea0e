/** A URI as it may be shown: without the user name and password that it may carry. */
export const redact = (uri: string): string => uri.replace(/^([a-z0-9+.-]+:\/\/)[^/@]*@/i, '$1');
