import { AotError } from '@apt-ostree/errors';
import type { AptConfiguration } from './configuration.ts';
import { redact } from './redact.ts';

type Environment = Record<string, string | undefined>;

/**
 * The proxy through which apt would ask for a URL, in apt's order (apt-transport-http(1)): that of the host, that of the
 * protocol, the environment. A host in `no_proxy` is asked directly, whatever the configuration says.
 * @returns undefined for a direct connection
 * @throws AotError `config` for a proxy of a kind that we cannot use
 */
export function proxyFor(url: URL, configuration: AptConfiguration, environment: Environment): URL | undefined {
  const protocol = url.protocol.slice(0, -1);
  const found = configuration.acquireForHost(protocol, 'Proxy', url.hostname) ?? fromEnvironment(protocol, environment);
  if (found === undefined || /^(?:direct|false)$/i.test(found)) return undefined;
  if (excepted(url.hostname, environment['no_proxy'])) return undefined;
  return checked(found);
}

/** True when apt would ask a program for the proxy of this URL, which we don't. */
export function wantsDetection(url: URL, configuration: AptConfiguration): boolean {
  const protocol = url.protocol.slice(0, -1);
  if (configuration.acquire(protocol, `Proxy::${url.hostname}`) !== undefined) return false;
  return ['Proxy-Auto-Detect', 'ProxyAutoDetect'].some((o) => configuration.acquire(protocol, o) !== undefined);
}

function fromEnvironment(protocol: string, environment: Environment): string | undefined {
  const own = protocol === 'https' ? environment['https_proxy'] : undefined;
  return own || environment['http_proxy'] || undefined;
}

/** apt compares the ends of names: `example.org` also excepts mirror.example.org. */
const excepted = (host: string, list: string | undefined): boolean =>
  (list ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && host.toLowerCase().endsWith(entry));

function checked(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new AotError('config', `cannot use the proxy '${redact(text)}': it is no http or https URL`, {
    code: 'bad-proxy',
    hint: "correct Acquire::http::Proxy in apt's configuration, or http_proxy in the environment",
  });
}
