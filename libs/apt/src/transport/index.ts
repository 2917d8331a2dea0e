export { AptConfiguration, readConfiguration } from './configuration.ts';
export { Credentials, type Login, readCredentials } from './credentials.ts';
export { type Archive, packageUrls } from './locate.ts';
export { proxyFor, wantsDetection } from './proxy.ts';
export { redact } from './redact.ts';
export { type TlsOptions, tlsFor } from './tls.ts';
