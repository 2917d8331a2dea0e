import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Fault, serve, temporary } from '../src/index.ts';

async function server(faults: Record<string, Fault> = {}) {
  const directory = temporary(onTestFinished);
  writeFileSync(join(directory, 'file'), '0123456789');
  const served = await serve(directory, faults);
  onTestFinished(() => served.close());
  return served;
}

const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers });

describe('serving', () => {
  test('files and their absence, with a log', async () => {
    const { url, log } = await server();
    expect(await (await get(`${url}/file`)).text()).toBe('0123456789');
    expect((await get(`${url}/none`)).status).toBe(404);
    expect((await get(`${url}/../../etc/passwd`)).status).toBe(404);
    expect(log.slice(0, 2)).toMatchObject([
      { method: 'GET', path: '/file', status: 200, bytes: 10 },
      { path: '/none', status: 404, bytes: 0 },
    ]);
  });

  test('ranges', async () => {
    const { url } = await server();
    const part = await get(`${url}/file`, { Range: 'bytes=4-' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 4-9/10',
      '456789',
    ]);
    expect((await get(`${url}/file`, { Range: 'bytes=10-' })).status).toBe(416);
  });

  test('what did not change is not sent again', async () => {
    const { url } = await server();
    const modified = (await get(`${url}/file`)).headers.get('last-modified') as string;
    expect((await get(`${url}/file`, { 'If-Modified-Since': modified })).status).toBe(304);
  });

  test('as a proxy it answers for every host', async () => {
    const { url, log } = await server();
    const { port } = new URL(url);
    const body = await new Promise<string>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path: 'http://example.org/file' }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      });
      asked.on('error', reject).end();
    });
    expect(body).toBe('0123456789');
    expect(log[0]).toMatchObject({ target: 'http://example.org/file', path: '/file' });
  });
});

describe('faults', () => {
  test('a connection that is cut, once, and resumed', async () => {
    const { url } = await server({ '/file': { dropAfter: 4 } });
    const first = await get(`${url}/file`);
    let seen = '';
    await expect(
      (async () => {
        for await (const chunk of first.body!) seen += Buffer.from(chunk as Uint8Array).toString();
      })(),
    ).rejects.toThrow();
    expect(seen).toBe('0123');
    expect(await (await get(`${url}/file`, { Range: 'bytes=4-' })).text()).toBe('456789');
  });

  test('an error for a while', async () => {
    const { url } = await server({ '*': { status: 500, times: 2 } });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await get(`${url}/file`)).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  test('a password', async () => {
    const { url } = await server({ '*': { auth: 'user:secret' } });
    expect((await get(`${url}/file`)).status).toBe(401);
    const Authorization = `Basic ${btoa('user:secret')}`;
    expect((await get(`${url}/file`, { Authorization })).status).toBe(200);
  });

  test('a redirection', async () => {
    const { url } = await server({ '/old': { redirect: '/file' } });
    expect(await (await get(`${url}/old`)).text()).toBe('0123456789');
  });

  test('no ranges, another body, too long a length', async () => {
    const { url, faults } = await server({ '/file': { noRange: true } });
    expect((await get(`${url}/file`, { Range: 'bytes=4-' })).status).toBe(200);
    faults['/file'] = { body: 'other' };
    expect(await (await get(`${url}/file`)).text()).toBe('other');
    faults['/file'] = { lengthOff: 5 };
    await expect((await get(`${url}/file`)).text()).rejects.toThrow();
  });

  test('slowness', async () => {
    const { url } = await server({ '/file': { bytesPerSecond: 40 } });
    const began = performance.now();
    await (await get(`${url}/file`)).text();
    expect(performance.now() - began).toBeGreaterThan(200);
  });
});
