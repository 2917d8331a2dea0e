import { readFileSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';
import type { AptConfiguration } from './configuration.ts';

/** What Debian's package ca-certificates makes; Node itself would trust the list it was built with. */
const SYSTEM_ROOTS = '/etc/ssl/certs/ca-certificates.crt';

/** Options for Node's tls.connect. */
export interface TlsOptions {
  ca?: string;
  crl?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized?: boolean;
  checkServerIdentity?: () => undefined;
}

/** The TLS settings of apt's configuration for a host: apt-transport-https(1). */
export function tlsFor(host: string, configuration: AptConfiguration): TlsOptions {
  const option = (name: string) => configuration.acquireForHost('https', name, host);
  const file = (name: string) => {
    const path = option(name);
    return path === undefined ? undefined : readText(path);
  };
  const ca = file('CAInfo') ?? systemRoots();
  const crl = file('CRLFile');
  const cert = file('SSLCert');
  const key = file('SSLKey');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(crl === undefined ? {} : { crl }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(configuration.truth(option('Verify-Peer'), true) ? {} : { rejectUnauthorized: false }),
    ...(configuration.truth(option('Verify-Host'), true) ? {} : { checkServerIdentity: () => undefined }),
  };
}

function systemRoots(): string | undefined {
  try {
    return readFileSync(SYSTEM_ROOTS, 'utf8');
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read '${path}', which apt's configuration names`);
  }
}
