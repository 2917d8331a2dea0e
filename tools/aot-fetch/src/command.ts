import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({
  name: 'aot-fetch',
  summary: 'download and verify the packages of a manifest',
  description: `Reads aot.packages/v1 and sees to it that every package is in the cache, verified against the size and SHA-256 of the
manifest. Several downloads run at once, are hashed while they stream, and go on by range where a connection broke, also in the next
run. The manifest names no hosts: they come from the treefile's repos or this machine's apt sources, proxies, logins, certificates
and time-outs from this machine's apt configuration.

What is in the cache under a package's SHA-256 was verified before it got that name, so only its size is looked at again;
--verify-cache reads it all.`,
  args: {
    cachedir: { type: 'string', valueHint: 'DIR', description: 'keep downloads and caches in DIR' },
    'source-root': {
      type: 'string',
      valueHint: 'DIR',
      default: '.',
      description: "directory that the treefile's files are relative to",
    },
    system: {
      type: 'string',
      valueHint: 'ROOT',
      description: "the archives are those of the system at ROOT, as aot-resolve's --system has it",
    },
    have: {
      type: 'string',
      valueHint: 'REPO',
      description: 'pass on what this package cache already has, without a download',
    },
    jobs: { type: 'string', alias: 'j', valueHint: 'N', default: '8', description: 'downloads that run at once' },
    offline: { type: 'boolean', description: 'ask no server: a package that is not in the cache is an error' },
    'verify-cache': { type: 'boolean', description: 'hash again what is in the cache' },
    stream: {
      type: 'boolean',
      description: 'write JSON lines, every package as soon as it and those before it are there',
    },
  },
  reads: ['aot.packages/v1'],
  writes: 'aot.archives/v1',
  examples: [
    { command: 'aot-fetch < lock.json > archives.json', text: 'Download what a lock names.' },
    { command: 'aot-fetch --offline < lock.json', text: 'See whether a lock can be built from the cache alone.' },
  ],
  seeAlso: ['aot-resolve(1)', 'aot-unpack(1)', 'apt_auth.conf(5)', 'apt-transport-http(1)'],
  work: async () => (await import('./fetch.ts')).fetch,
});
