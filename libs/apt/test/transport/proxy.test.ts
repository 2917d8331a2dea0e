import { expect, test } from 'vitest';
import { AptConfiguration, proxyFor, wantsDetection } from '../../src/transport/index.ts';

interface Case {
  summary: string;
  options?: Record<string, string>;
  environment?: Record<string, string>;
  url?: string;
  proxy: string | undefined;
}

const ask = ({ options = {}, environment = {}, url = 'http://deb.example.org/a' }: Omit<Case, 'summary' | 'proxy'>) => {
  const dump = Object.entries(options).map(([name, value]) => `Acquire::${name} "${value}";\n`);
  return proxyFor(new URL(url), new AptConfiguration(dump.join('')), environment)?.href;
};

const cases: Case[] = [
  { summary: 'none', proxy: undefined },
  { summary: 'of the protocol', options: { 'http::Proxy': 'http://p:1' }, proxy: 'http://p:1/' },
  {
    summary: 'of the host before that of the protocol',
    options: { 'http::Proxy': 'http://p:1', 'http::Proxy::deb.example.org': 'http://q:2' },
    proxy: 'http://q:2/',
  },
  {
    summary: 'DIRECT for a host',
    options: { 'http::Proxy': 'http://p:1', 'http::Proxy::deb.example.org': 'DIRECT' },
    proxy: undefined,
  },
  {
    summary: 'DIRECT hides the environment',
    options: { 'http::Proxy': 'DIRECT' },
    environment: { http_proxy: 'http://e:1' },
    proxy: undefined,
  },
  {
    summary: 'https takes that of http',
    options: { 'http::Proxy': 'http://p:1' },
    url: 'https://deb.example.org/',
    proxy: 'http://p:1/',
  },
  {
    summary: 'https has its own',
    options: { 'http::Proxy': 'http://p:1', 'https::Proxy': 'http://s:1' },
    url: 'https://deb.example.org/',
    proxy: 'http://s:1/',
  },
  { summary: 'the environment', environment: { http_proxy: 'http://e:1' }, proxy: 'http://e:1/' },
  {
    summary: 'the environment for https',
    environment: { http_proxy: 'http://e:1', https_proxy: 'http://f:1' },
    url: 'https://deb.example.org/',
    proxy: 'http://f:1/',
  },
  {
    summary: 'no_proxy, also against the configuration',
    options: { 'http::Proxy': 'http://p:1' },
    environment: { no_proxy: 'localhost, example.org' },
    proxy: undefined,
  },
  {
    summary: 'no_proxy for others',
    environment: { http_proxy: 'http://e:1', no_proxy: 'example.com,' },
    proxy: 'http://e:1/',
  },
];

test.each(cases)('proxy: $summary', (c) => {
  expect(ask(c)).toBe(c.proxy);
});

test('a proxy of another kind is refused, without its password', () => {
  expect(() => ask({ options: { 'http::Proxy': 'socks5h://me:secret@p:1' } })).toThrow(
    "cannot use the proxy 'socks5h://p:1': it is no http or https URL",
  );
});

test('a program that finds the proxy is only wanted where the host has none of its own', () => {
  const detect = 'Acquire::http::Proxy-Auto-Detect "/usr/bin/detect";\n';
  const own = 'Acquire::http::Proxy::deb.example.org "DIRECT";\n';
  const wants = (dump: string) => wantsDetection(new URL('http://deb.example.org/'), new AptConfiguration(dump));
  expect([wants(''), wants(detect), wants(detect + own)]).toEqual([false, true, false]);
});
