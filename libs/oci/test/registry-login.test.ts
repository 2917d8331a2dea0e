import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { imageLayout, temporary } from '@apt-ostree/testkit';
import { answer, type FakeRegistry, fakeRegistry, listen } from '@apt-ostree/testkit/fake-registry';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseImageReference, type TransportOptions } from '../src/index.ts';
import { findLogin, loginFiles } from '../src/registry/logins.ts';
import { copyImage } from './copy-image.ts';
import { login } from './logins-lab.ts';

let directory: string;
let image: { reference: string; digest: string };
beforeEach(async () => {
  directory = temporary();
  image = await imageLayout(join(directory, 'image'), { layers: [Buffer.from('a layer')], tag: 'a' });
  for (const name of ['REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'DOCKER_CONFIG'])
    vi.stubEnv(name, join(directory, 'nothing', name));
  vi.stubEnv('REGISTRY_AUTH_FILE', '');
  onTestFinished(() => void vi.unstubAllEnvs());
});

const push = (host: string, further: Partial<TransportOptions> = {}): Promise<string> =>
  copyImage(parseImageReference(image.reference), parseImageReference(`registry:${host}/team/os:1`), {
    retryTimes: 0,
    ...further,
  });

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('where logins are looked for', () => {
  const write = (name: string, content: unknown): string => {
    const path = join(directory, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const find = (host: string, name: string, ...files: string[]) => findLogin(host, name, files, true);
  const entry = (text: string) => ({ auth: base64(text) });

  test('in the file that is named, else in those of podman, then of docker', () => {
    const environment = { XDG_RUNTIME_DIR: '/r', XDG_CONFIG_HOME: '/c', DOCKER_CONFIG: '/d' };
    expect(loginFiles(undefined, environment)).toEqual([
      '/r/containers/auth.json',
      '/c/containers/auth.json',
      '/d/config.json',
    ]);
    const { XDG_RUNTIME_DIR: _, ...withoutSession } = environment;
    const [first] = loginFiles(undefined, withoutSession);
    expect(first).toBe(`/run/containers/${process.getuid?.()}/auth.json`);
    expect(loginFiles(undefined, { ...environment, REGISTRY_AUTH_FILE: '/f' })).toEqual(['/f']);
    expect(loginFiles('/named', { REGISTRY_AUTH_FILE: '/f' })).toEqual(['/named']);
  });

  test('the entry that says most, in the first file that has one', async () => {
    const first = write('1', { auths: { 'r.example/team': entry('team:a:b'), 'r.example': entry('all:c') } });
    const second = write('2', { auths: { 'r.example/team/os': entry('os:d'), 'other.example': entry('other:e') } });
    expect(await find('r.example', 'team/os', first, second)).toEqual({ user: 'team', password: 'a:b' });
    expect(await find('r.example', 'teams', first, second)).toEqual({ user: 'all', password: 'c' });
    expect(await find('other.example', 'os', first, second)).toEqual({ user: 'other', password: 'e' });
    expect(await find('r.example:5000', 'os', first, second)).toBe(undefined);
    const docker = write('3', { auths: { 'https://index.docker.io/v1/': entry('d:f') } });
    expect(await find('docker.io', 'library/debian', docker)).toEqual({ user: 'd', password: 'f' });
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['a login that is none', { auths: { 'r.example': { auth: base64('nobody') } } }],
    ['a helper that is no program', { credHelpers: { 'r.example': '../sh' } }],
  ])('a file with %s', async (_, content) => {
    await expect(find('r.example', 'os', write('bad', content))).rejects.toMatchObject({
      code: 'bad-authfile',
      exit: 78,
    });
  });

  test.each([
    { auths: [] },
    { auths: { 'r.example': null } },
    { auths: { 'r.example': { auth: 5 } } },
    { auths: 'x', credHelpers: 3, credsStore: {} },
  ])('a file of another shape has none: %j', async (content) => {
    expect(await find('r.example', 'os', write('odd', content))).toBe(undefined);
  });

  test('a named file that is not there', async () => {
    await expect(find('r.example', 'os', join(directory, 'none'))).rejects.toMatchObject({ exit: 66 });
  });
});

describe('a program that keeps logins', () => {
  function helper(name: string, script: string): void {
    const bin = join(directory, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, `docker-credential-${name}`), 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
  }
  const ask = (content: unknown) => {
    const path = join(directory, 'auth.json');
    writeFileSync(path, JSON.stringify(content));
    return findLogin('r.example', 'os', [path], true);
  };

  test('is told the host on its standard input', async () => {
    helper('test', `echo "$* $(cat)" > ${directory}/asked; echo '{"Username":"u","Secret":"s3cret"}'`);
    expect(await ask({ credHelpers: { 'r.example': 'test' } })).toEqual({ user: 'u', password: 's3cret' });
    expect(readFileSync(join(directory, 'asked'), 'utf8')).toBe('get r.example\n');
    expect(await ask({ credsStore: 'test' })).toEqual({ user: 'u', password: 's3cret' });
  });

  test('may have a token, none, or rubbish', async () => {
    helper('test', `echo '{"Username":"<token>","Secret":"t0ken"}'`);
    expect(await ask({ credsStore: 'test' })).toEqual({ identityToken: 't0ken' });
    helper('test', 'echo credentials not found in native keychain; exit 1');
    expect(await ask({ credsStore: 'test' })).toBe(undefined);
    helper('test', `echo '{"Secret":"s3cret"}'`);
    const error = await ask({ credsStore: 'test' }).catch((e) => e);
    expect(error.message).toBe("cannot use the answer of 'docker-credential-test': it holds no login");
    expect(await ask({ credsStore: 'not-there' }).catch((e) => e)).toMatchObject({ code: 'not-installed' });
  });
});

describe('a registry that wants tokens', () => {
  /** Gives a new token each time; the registry takes the newest that has the scopes. */
  async function withTokens(check: (authorization: string | undefined) => boolean) {
    const asked: URL[] = [];
    const posted: URLSearchParams[] = [];
    let valid = '';
    const tokens = await listen((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (c: Buffer) => chunks.push(c));
      incoming.on('end', () => {
        asked.push(new URL(incoming.url ?? '', 'http://localhost'));
        if (incoming.method === 'POST') posted.push(new URLSearchParams(Buffer.concat(chunks).toString()));
        if (incoming.method === 'GET' && !check(incoming.headers.authorization)) return answer(response, 401);
        valid = `token-${asked.length}`;
        return response.end(JSON.stringify(incoming.method === 'POST' ? { access_token: valid } : { token: valid }));
      });
    });
    let expires = Number.POSITIVE_INFINITY;
    const registry = await fakeRegistry(({ headers }, response) => {
      const isValid = headers.authorization === `Bearer ${valid}`;
      if (isValid && expires-- > 0) return false;
      if (isValid) expires = Number.POSITIVE_INFINITY; // of the next one
      const challenge = `Bearer realm="http://${tokens}/token",service="a, b",scope="x"`;
      return answer(response, 401, { 'www-authenticate': challenge });
    });
    const expireAfter = (requests: number) => {
      expires = requests;
    };
    return { registry, asked, posted, expireAfter };
  }

  test('gets those of the right login, for what is done', async () => {
    const { registry, asked } = await withTokens((a) => a === `Basic ${base64('me:s3cret')}`);
    expect(await push(registry.host, login(registry.host, 'me:s3cret'))).toBe(image.digest);
    const query = asked[0]?.searchParams;
    expect(query?.get('service')).toBe('a, b');
    expect(query?.getAll('scope')).toEqual(['repository:team/os:pull,push']);
    expect(query?.get('account')).toBe('me');
  });

  test('and new ones when they have expired', async () => {
    const { registry, asked, expireAfter } = await withTokens(() => true);
    expireAfter(3);
    expect(await push(registry.host)).toBe(image.digest);
    expect(asked.length).toBeGreaterThan(1);
  });

  test('and may read the repositories that blobs are taken from', async () => {
    const { registry, asked } = await withTokens(() => true);
    await push(registry.host, { mountFrom: ['base/os'] });
    const scopes = asked.at(-1)?.searchParams.getAll('scope');
    expect(scopes).toEqual(['repository:team/os:pull,push', 'repository:base/os:pull']);
  });

  test('an identity token is sent in the body of a request', async () => {
    const { registry, asked, posted } = await withTokens(() => false);
    const authfile = join(directory, 'auth.json');
    writeFileSync(authfile, JSON.stringify({ auths: { [registry.host]: { identitytoken: 's3cret' } } }));
    expect(await push(registry.host, { authfile })).toBe(image.digest);
    expect(posted[0]?.get('grant_type')).toBe('refresh_token');
    expect(posted[0]?.get('refresh_token')).toBe('s3cret');
    expect(asked.every((url) => url.search === '')).toBe(true);
  });

  test('a wrong login is denied, and told to nobody', async () => {
    const { registry } = await withTokens(() => false);
    const { authfile } = login(registry.host, 'me:s3cret');
    const error = await push(registry.host, { authfile }).catch((e) => e);
    expect(error).toMatchObject({ code: 'denied', exit: 1, hint: expect.stringContaining(authfile) });
    expect(`${error.stack} ${error.hint} ${JSON.stringify(error)}`).not.toMatch(/s3cret|bWU6czNjcmV0/);
  });

  test.each([
    ['not a URL', /does not say where/],
    ['ftp://127.0.0.1/', /wants the login at ftp:/],
  ])('one that asks at %s', async (realm, message) => {
    const registry = await fakeRegistry((_, response) =>
      answer(response, 401, { 'www-authenticate': `Bearer realm="${realm}"` }),
    );
    await expect(push(registry.host)).rejects.toMatchObject({ exit: 69, message });
  });

  test.each(['{', '{}', '{"token":"a\\r\\nX: y"}'])('an answer that is no token: %s', async (text) => {
    const tokens = await listen((_, response) => void response.end(text));
    const registry = await fakeRegistry((_, response) =>
      answer(response, 401, { 'www-authenticate': `Bearer realm="http://${tokens}/"` }),
    );
    await expect(push(registry.host)).rejects.toMatchObject({ exit: 69, message: /did not answer with a token/ });
  });
});

describe('over TLS', () => {
  /** In front of a registry, with a certificate of its own that `ca.crt` in `certs` is. */
  async function secured(registry: FakeRegistry): Promise<{ host: string; certs: string }> {
    const certs = join(directory, 'certs');
    mkdirSync(certs);
    const [key, cert] = [join(directory, 'key.pem'), join(certs, 'ca.crt')];
    const names = ['-subj', '/CN=registry', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
    await run('openssl', [...made, ...names]);
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) });
    const [name, port] = registry.host.split(':');
    server.on('secureConnection', (socket: Socket) => {
      const inner = connect(Number(port), name as string);
      for (const s of [socket, inner]) s.on('error', () => {});
      socket.pipe(inner).pipe(socket);
    });
    server.removeAllListeners('request');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close().closeAllConnections());
    return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, certs };
  }

  test('the certificate decides', async () => {
    const registry = await fakeRegistry();
    const { host, certs } = await secured(registry);
    await expect(push(host)).rejects.toMatchObject({ exit: 69, message: /its certificate cannot be verified/ });
    expect(registry.seen).toEqual([]);
    expect(await push(host, { certDir: certs })).toBe(image.digest);
    expect(await push(host, { tlsVerify: false })).toBe(image.digest);
    vi.stubEnv('SSL_CERT_FILE', join(certs, 'ca.crt'));
    expect(await push(host)).toBe(image.digest);
    vi.stubEnv('SSL_CERT_FILE', join(directory, 'none'));
    await expect(push(host)).rejects.toMatchObject({ exit: 66, message: /cannot read certificates from/ });
  });

  test('registries.conf may do without it, as for podman', async () => {
    const { host } = await secured(await fakeRegistry());
    const file = join(directory, 'registries.conf');
    vi.stubEnv('CONTAINERS_REGISTRIES_CONF', file);
    writeFileSync(file, `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
    expect(await push(host)).toBe(image.digest);
    await expect(push(host, { tlsVerify: true })).rejects.toThrow(/its certificate cannot be verified/);
    writeFileSync(file, `[[registry]]\nlocation = "${host.slice(0, -1)}"\ninsecure = true\n`);
    await expect(push(host)).rejects.toThrow(/its certificate cannot be verified/);
  });

  test('a directory of certificates that is not there', async () => {
    const registry = await fakeRegistry();
    const certDir = join(directory, 'none');
    await expect(push(registry.host, { certDir })).rejects.toMatchObject({ exit: 66 });
  });
});

describe('through a proxy', () => {
  /** Brings every connection to the registry, whatever host was asked for. */
  async function proxyTo(registry: FakeRegistry) {
    const asked: string[] = [];
    const server = createHttpServer();
    server.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      const [name, port] = registry.host.split(':');
      const inner = connect(Number(port), name as string, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      for (const s of [socket, inner]) s.on('error', () => {});
      socket.pipe(inner).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close().closeAllConnections());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  test('that the environment names, but for this machine', async () => {
    const registry = await fakeRegistry();
    const proxy = await proxyTo(registry);
    for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, proxy.url);
    for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
    expect(await push('registry.example', { tlsVerify: false })).toBe(image.digest);
    expect(proxy.asked).toContain('registry.example:80');
    proxy.asked.length = 0;
    vi.stubEnv('http_proxy', proxy.url.replace('http://', ''));
    await push('registry.example', { tlsVerify: false });
    expect(proxy.asked).toContain('registry.example:80');
    proxy.asked.length = 0;
    await push(registry.host);
    expect(proxy.asked).toEqual([]);
    for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, 'other.invalid,registry.invalid');
    await expect(push('registry.invalid', { tlsVerify: false })).rejects.toMatchObject({ exit: 69 });
    expect(proxy.asked).toEqual([]);
  });

  test.each(['http://me:s3kret@[', 'socks5://me:s3kret@proxy.example'])('%s is refused', async (url) => {
    vi.stubEnv('https_proxy', url);
    const error = await push('registry.example').catch((e) => e);
    expect(error).toMatchObject({ exit: 78, message: "cannot use the proxy that 'https_proxy' names: it is no URL" });
    expect(`${error.stack} ${error.hint}`).not.toContain('s3kret');
  });
});
