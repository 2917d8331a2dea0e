import { isAbsolute, join } from 'node:path';
import { configDump } from '../config-dump.ts';

/** apt's configuration as `apt-config dump` prints it. Names are case-insensitive, as in apt. */
export class AptConfiguration {
  readonly #values = new Map<string, string>();

  constructor(dump: string) {
    for (const [, name, value] of dump.matchAll(/^(\S+) "(.*)";$/gm)) {
      if (!name?.endsWith('::')) this.#values.set((name as string).toLowerCase(), value as string);
    }
  }

  /** The first of these options that has a value. */
  get(...names: string[]): string | undefined {
    return names.map((n) => this.#values.get(n.toLowerCase())).find((value) => value);
  }

  /** An option of an acquire method: https falls back to what is said for http, as in apt-transport-https(1). */
  acquire(protocol: string, option: string): string | undefined {
    const methods = protocol === 'https' ? ['https', 'http'] : [protocol];
    return this.get(...methods.map((method) => `Acquire::${method}::${option}`));
  }

  /** As `acquire`, where the host may have a value of its own. */
  acquireForHost(protocol: string, option: string, host: string): string | undefined {
    return this.acquire(protocol, `${option}::${host}`) ?? this.acquire(protocol, option);
  }

  /** Whether an option is true; apt's spellings of no are false, no, off, without, disable and 0. */
  truth(value: string | undefined, otherwise: boolean): boolean {
    return value === undefined ? otherwise : !/^(?:0|no|false|without|off|disable)$/i.test(value);
  }

  /** A whole number that is not negative. */
  number(value: string | undefined, otherwise: number): number {
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : otherwise;
  }

  /** The path that a `Dir` option names, below those it belongs to: Dir::Etc::netrc below Dir::Etc below Dir. */
  path(name: string): string | undefined {
    const parts = name.split('::');
    const own = this.get(name);
    if (own === undefined || own === '/dev/null') return undefined;
    const parent = parts.length > 1 && !isAbsolute(own) ? (this.path(parts.slice(0, -1).join('::')) ?? '/') : '';
    return join(parts.length === 1 ? (this.get('RootDir') ?? '') : '', parent, own);
  }
}

/**
 * Asks the machine's apt for its configuration.
 * @param system root of the system whose configuration is meant
 */
export async function readConfiguration(signal?: AbortSignal, system = '/'): Promise<AptConfiguration> {
  const options = { what: "cannot read apt's configuration", ...(signal ? { signal } : {}) };
  return new AptConfiguration(await configDump(system, options));
}
