import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { expect, onTestFinished, test } from 'vitest';
import { bytes, Lab } from '../lab.ts';

const PATH = '/pool/pkg_1_all.deb';
const CONTENT = bytes(100_000);
const lab = () => new Lab().add('pkg', CONTENT).configure('Acquire::Retries "0";');
const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;
const withLogin = (url: string, login: string) => url.replace('://', `://${login}@`);

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('the login of a URI, and that of auth.conf.d', async () => {
  const one = lab();
  const { url, log } = await one.serve({ [PATH]: { auth: 'me:secret' } });
  expect((await one.at(withLogin(url, 'me:secret')).run()).code).toBe(0);
  const two = lab().at(url);
  two.write('etc/auth.conf.d/kit.conf', `machine ${url} login me password secret\n`);
  expect((await two.run()).code).toBe(0);
  expect(log.map((entry) => entry.status)).toEqual([200, 200]);
});

test('no login: the error points at auth.conf.d; a wrong one is never shown', async () => {
  const archive = lab();
  const { url } = await archive.serve({ [PATH]: { auth: 'me:secret' } });
  for (const uri of [url, withLogin(url, 'me:wr%40ng')]) {
    const result = await archive.at(uri).run([], { env: { AOT_DEBUG: '1' } });
    expect(result).toMatchObject({ code: 69, stdout: '' });
    expect(result.stderr).toContain(`the server asks for a login (401) at '${url}/pool/`);
    expect(result.stderr).toContain('auth.conf.d');
    expect(result.stderr).not.toMatch(/wr%40ng|wr@ng/);
  }
});

test('a redirection is followed, and the login stays with its host', async () => {
  const archive = lab();
  const target = await archive.serve();
  const other = target.url.replace('127.0.0.1', 'localhost');
  const first = await archive.serve({ [PATH]: { auth: 'me:secret', redirect: `${other}${PATH}` } });
  archive.write('etc/auth.conf.d/kit.conf', `machine ${first.url} login me password secret\n`);
  expect((await archive.at(withLogin(first.url, 'me:secret')).run()).code).toBe(0);
  expect(first.log[0]?.headers.authorization).toBe(basic('me:secret'));
  expect(target.log).toHaveLength(1);
  expect(target.log[0]?.headers.authorization).toBeUndefined();
});

test('redirections in a circle, to nowhere, or where apt forbids them', async () => {
  const archive = lab();
  const { url, faults } = await archive.serve({ [PATH]: { redirect: PATH } });
  expect((await archive.at(url).run()).stderr).toContain('more than 10 redirections');
  faults[PATH] = { redirect: 'ftp://127.0.0.1/' };
  expect((await archive.run()).stderr).toContain('redirects (302) from http: to ftp:');
  faults[PATH] = { redirect: '/other' };
  const forbidden = await archive.configure('Acquire::http::AllowRedirect "false";').run();
  expect(forbidden.code).toBe(69);
  expect(forbidden.stderr).toContain("which apt's configuration forbids");
});

test("the proxy of apt's configuration is asked for the whole URL, with its login and not the archive's", async () => {
  const archive = lab().at('http://me:secret@archive.example');
  const proxy = await archive.serve();
  archive.configure(`Acquire::http::Proxy "${withLogin(proxy.url, 'you:hidden')}";`);
  const { code, stderr } = await archive.run();
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(proxy.log[0]).toMatchObject({ target: `http://archive.example${PATH}` });
  expect(proxy.log[0]?.headers).toMatchObject({
    host: 'archive.example',
    authorization: basic('me:secret'),
    'proxy-authorization': basic('you:hidden'),
  });
});

test('the proxy of the environment, unless the host is excepted', async () => {
  const archive = lab();
  const { url, log } = await archive.serve();
  const env = { http_proxy: 'http://127.0.0.1:9' };
  expect((await archive.at(url).run([], { env })).stderr).toContain('connection refused');
  expect((await archive.run([], { env: { ...env, no_proxy: '127.0.0.1' } })).code).toBe(0);
  expect(log).toHaveLength(1);
});

test('a program that would detect a proxy is not run, and that is said', async () => {
  const archive = lab().configure('Acquire::http::Proxy-Auto-Detect "/bin/false";');
  const { url } = await archive.serve();
  const result = await archive.at(url).run();
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('warning: the proxy of');
});

test('https: only with a certificate that can be verified; also through a proxy', async () => {
  const archive = lab();
  const key = join(archive.directory, 'key.pem');
  const cert = join(archive.directory, 'cert.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const output = ['-keyout', key, '-out', cert];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...output]);
  const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
    response.end(CONTENT);
  });
  const port = await listen(tls);
  archive.at(`https://localhost:${port}`);

  const unknown = await archive.run();
  expect(unknown.code).toBe(69);
  expect(unknown.stderr).toContain('certificate cannot be verified (DEPTH_ZERO_SELF_SIGNED_CERT)');

  const tunnels: (string | undefined)[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  const proxyPort = await listen(proxy);
  archive.configure(`Acquire::https::CAInfo::localhost "${cert}";`);
  archive.configure(`Acquire::https::Proxy "http://127.0.0.1:${proxyPort}";`);
  const { code, stderr } = await archive.run();
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(tunnels).toEqual([`localhost:${port}`]);
});

test('Dl-Limit slows all downloads together', async () => {
  const archive = lab().add('two', bytes(100_000, 2)).configure('Acquire::http::Dl-Limit "200";');
  const { url } = await archive.serve();
  const begin = performance.now();
  expect((await archive.at(url).run()).code).toBe(0);
  expect(performance.now() - begin).toBeGreaterThan(900); // 200 kB at 200 KiB a second
});
