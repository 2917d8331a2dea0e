import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { temporary } from '@apt-ostree/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  copyImage,
  type Descriptor,
  digestOf,
  MEDIA,
  openDestination,
  openSource,
  parseImageReference,
} from '../src/index.ts';

// A registry that does what a test wants of it. Real ones are asked in test/e2e/registry.test.ts.

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

let server: Server;
let host: string;
/** `METHOD /path` without its query; the first that is there and not used up answers. */
let answers: Record<string, Handler[]>;
let log: { line: string; authorization: string | undefined; range: string | undefined }[];

beforeEach(async () => {
  answers = {};
  log = [];
  server = createServer(async (request, response) => {
    const line = `${request.method} ${new URL(request.url ?? '/', 'http://x').pathname}`;
    log.push({ line, authorization: request.headers.authorization, range: request.headers.range });
    const body = await buffer(request).catch(() => Buffer.alloc(0));
    const queue = answers[line] ?? [];
    const handler = queue.length > 1 ? queue.shift() : queue[0];
    if (handler) handler(request, response, body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const says =
  (status: number, body: Buffer | string = '', headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers }).end(body);
  };

const CONTENT = Buffer.alloc(100_000, 'layer ');
const layer: Descriptor = { mediaType: MEDIA.layer, digest: digestOf(CONTENT), size: CONTENT.length };
const bytes = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.manifest, config: layer, layers: [layer] }),
);
const manifest = { bytes, mediaType: MEDIA.manifest, digest: digestOf(bytes) };
const BLOB = `GET /v2/os/blobs/${layer.digest}`;
const MANIFEST = 'GET /v2/os/manifests/1';

const reference = () => parseImageReference(`registry:${host}/os:1`);
const authfile = (content: unknown): string => {
  const path = join(temporary(), 'auth.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const options = (more = {}) => ({
  ...{ signal: new AbortController().signal, retryTimes: 2, authfile: authfile({}) },
  ...more,
});
const source = (more = {}) => openSource(reference(), options(more));
const blob = async (more = {}) => buffer(await (await source(more)).blob(layer));
const asked = (line: string) => log.filter((entry) => entry.line === line);

describe('a manifest', () => {
  test('is taken with its digest, whatever the registry says of it', async () => {
    answers[MANIFEST] = [says(200, bytes, { 'content-type': MEDIA.manifest })];
    expect(await (await source()).manifest()).toEqual(manifest);
    answers[MANIFEST] = [says(200, bytes, { 'docker-content-digest': layer.digest })];
    await expect((await source()).manifest()).rejects.toMatchObject({ code: 'wrong-digest', exit: 65 });
  });

  test.each([
    [404, 'there is no such image', { exit: 66, code: 'no-image' }],
    [403, 'access denied (403)', { exit: 1, code: 'denied' }],
    [418, 'the registry answered 418', { exit: 69 }],
    [500, 'the registry answered 500', { exit: 69 }],
    [429, 'the registry answered 429', { exit: 69 }],
  ])('answered with %d', async (status, why, error) => {
    answers[MANIFEST] = [says(status)];
    const failure = await (await source()).manifest().catch((e) => e);
    expect(failure).toMatchObject({ message: `cannot read 'registry:${host}/os:1': ${why}`, ...error });
    expect(asked(MANIFEST)).toHaveLength(status === 500 || status === 429 ? 3 : 1);
  });

  test('a registry that is busy is asked again, when it says', async () => {
    answers[MANIFEST] = [says(503), says(429, '', { 'retry-after': '1' }), says(200, bytes)];
    const before = Date.now();
    expect((await (await source()).manifest()).digest).toBe(manifest.digest);
    expect(Date.now() - before).toBeGreaterThanOrEqual(1000);
  });

  test('that never ends is cut off', async () => {
    answers[MANIFEST] = [says(200, Buffer.alloc(5 * 1024 * 1024))];
    await expect((await source()).manifest()).rejects.toThrow('the answer has more than 4194304 bytes');
  });
});

describe('a blob', () => {
  test('goes on where the connection broke', async () => {
    const half = CONTENT.length / 2;
    answers[BLOB] = [
      (_, response) => {
        response.writeHead(200, { 'content-length': String(CONTENT.length) });
        response.write(CONTENT.subarray(0, half), () => setTimeout(() => response.destroy(), 50));
      },
      (request, response) => {
        const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
        response.writeHead(206).end(CONTENT.subarray(start));
      },
    ];
    expect(await blob()).toEqual(CONTENT);
    expect(asked(BLOB).map((e) => e.range)).toEqual([undefined, `bytes=${half}-`]);
  });

  test('goes on also where the registry begins anew', async () => {
    answers[BLOB] = [
      (_, response) => {
        response.writeHead(200, { 'content-length': String(CONTENT.length) });
        response.write(CONTENT.subarray(0, 1000), () => setTimeout(() => response.destroy(), 50));
      },
      says(200, CONTENT),
    ];
    expect(await blob()).toEqual(CONTENT);
  });

  test.each([
    ['short', CONTENT.subarray(1), 'it has 99999 bytes, not 100000'],
    ['long', Buffer.concat([CONTENT, CONTENT]), 'it has more than 100000 bytes'],
    ['another', Buffer.alloc(100_000), 'its digest differs'],
  ])('that is %s is no blob', async (_, content, why) => {
    answers[BLOB] = [says(200, content)];
    await expect(blob()).rejects.toThrow(`cannot verify blob '${layer.digest}' of 'registry:${host}/os:1': ${why}`);
  });

  test('comes from another host without our login', async () => {
    const auths = { [host]: { auth: Buffer.from('a:s3cret').toString('base64') } };
    answers[BLOB] = [
      says(401, '', { 'www-authenticate': 'Basic realm="x"' }),
      says(307, '', { location: `http://localhost:${host.split(':')[1]}/elsewhere` }),
    ];
    answers['GET /elsewhere'] = [says(200, CONTENT)];
    expect(await blob({ authfile: authfile({ auths }) })).toEqual(CONTENT);
    expect(asked(BLOB)[1]?.authorization).toMatch(/^Basic /);
    expect(asked('GET /elsewhere')[0]?.authorization).toBeUndefined();
  });

  test('is not followed to a file', async () => {
    answers[BLOB] = [says(302, '', { location: 'file:///etc/passwd' })];
    await expect(blob()).rejects.toThrow('the server redirects (302) from http: to file:');
  });
});

describe('a login', () => {
  const challenge = () => ({ 'www-authenticate': `Bearer realm="http://${host}/token",service="s"` });
  const whoHas =
    (auth: string): Handler =>
    (request, response) => {
      if (request.headers.authorization === auth) says(200, bytes)(request, response, bytes);
      else says(401, '', challenge())(request, response, bytes);
    };

  test('is exchanged for a token, which is for this repository and renewed when it has run out', async () => {
    const auths = { [`${host}/os`]: { auth: Buffer.from('a:s3cret').toString('base64') }, [host]: { auth: 'eDp5' } };
    let scope: string | null = null;
    const token =
      (name: string): Handler =>
      (request, response) => {
        scope = new URL(request.url ?? '', 'http://x').searchParams.get('scope');
        const mine = request.headers.authorization === `Basic ${Buffer.from('a:s3cret').toString('base64')}`;
        says(mine ? 200 : 401, JSON.stringify({ token: name }))(request, response, bytes);
      };
    answers['GET /token'] = [token('one'), token('two')];
    answers[MANIFEST] = [whoHas('Bearer one'), whoHas('Bearer one'), whoHas('Bearer two')];
    const from = await source({ authfile: authfile({ auths }) });
    await from.manifest();
    await from.manifest();
    expect(scope).toBe('repository:os:pull');
    expect(asked('GET /token')).toHaveLength(2);
  });

  test('that is an identity token is posted', async () => {
    let posted = '';
    answers['POST /token'] = [
      (request, response, body) => {
        posted = body.toString();
        says(200, JSON.stringify({ access_token: 'one' }))(request, response, body);
      },
    ];
    answers[MANIFEST] = [whoHas('Bearer one')];
    await (await source({ authfile: authfile({ auths: { [host]: { identitytoken: 'i-d' } } }) })).manifest();
    expect(posted).toContain('grant_type=refresh_token&refresh_token=i-d');
  });

  test('that is wrong is refused; no message has it', async () => {
    answers['GET /token'] = [says(401)];
    answers[MANIFEST] = [says(401, '', challenge())];
    const auths = { [host]: { auth: Buffer.from('a:s3cret').toString('base64') } };
    const error = await (await source({ authfile: authfile({ auths }) })).manifest().catch((e) => e);
    expect(error).toMatchObject({ exit: 1, code: 'denied' });
    expect(error.message + error.hint).not.toContain('s3cret');
  });

  test('is not sent to where it would go in the clear', async () => {
    answers[MANIFEST] = [says(401, '', { 'www-authenticate': 'Bearer realm="ftp://127.0.0.1/token"' })];
    await expect((await source()).manifest()).rejects.toThrow('it wants the login at ftp://127.0.0.1');
  });

  test('comes from a program that keeps it', async () => {
    const directory = temporary();
    mkdirSync(directory, { recursive: true });
    const program = join(directory, 'docker-credential-test');
    writeFileSync(program, '#!/bin/sh\nread -r host\nprintf \'{"Username":"%s","Secret":"p"}\' "$host"\n');
    chmodSync(program, 0o755);
    const path = process.env.PATH;
    process.env.PATH = `${directory}:${path}`;
    try {
      answers[MANIFEST] = [
        (request, response) => {
          const right = `Basic ${Buffer.from(`${host}:p`).toString('base64')}`;
          if (request.headers.authorization === right) says(200, bytes)(request, response, bytes);
          else says(401, '', { 'www-authenticate': 'Basic realm="x"' })(request, response, bytes);
        },
      ];
      await (await source({ authfile: authfile({ credHelpers: { [host]: 'test' } }) })).manifest();
    } finally {
      process.env.PATH = path;
    }
  });

  test.each(['../evil', 'a b'])('does not come from a program called %j', async (helper) => {
    answers[MANIFEST] = [says(401, '', { 'www-authenticate': 'Basic realm="x"' })];
    const from = await source({ authfile: authfile({ credsStore: helper }) });
    await expect(from.manifest()).rejects.toThrow(`cannot ask '${helper}' for a login`);
  });
});

describe('an upload', () => {
  const START = 'POST /v2/os/blobs/uploads/';
  const begin = () => says(202, '', { location: '/v2/os/blobs/uploads/1?state=x' });
  const put = async () => {
    const to = await openDestination(reference(), options());
    try {
      await to.put(layer, () => Readable.from([CONTENT]));
    } finally {
      await to.close();
    }
  };

  test('begins anew where it broke', async () => {
    let received: Buffer = Buffer.alloc(0);
    answers[START] = [begin()];
    answers['PATCH /v2/os/blobs/uploads/1'] = [
      (request) => void request.socket.destroy(),
      (request, response, body) => {
        received = body;
        begin()(request, response, body);
      },
    ];
    answers['PUT /v2/os/blobs/uploads/1'] = [says(201)];
    await put();
    expect(received).toEqual(CONTENT);
    expect(asked(START)).toHaveLength(2);
  });

  test('that is refused says what the registry says', async () => {
    answers[START] = [begin()];
    answers['PATCH /v2/os/blobs/uploads/1'] = [begin()];
    answers['PUT /v2/os/blobs/uploads/1'] = [
      says(400, '{"errors":[{"code":"X","message":"provided digest did not match"}]}'),
    ];
    await expect(put()).rejects.toThrow(
      `cannot write 'registry:${host}/os:1': the registry refuses blob '${layer.digest}' (400): provided digest did not match`,
    );
  });
});

test('nothing is left of an image that did not come whole', async () => {
  const directory = join(temporary(), 'layout');
  answers[MANIFEST] = [says(200, bytes)];
  answers[BLOB] = [says(200, CONTENT.subarray(1))];
  const [from, to] = [await source(), await openDestination(parseImageReference(`oci:${directory}`), options())];
  await expect(copyImage(from, to)).rejects.toThrow('cannot verify blob');
  await to.close();
  expect(readdirSync(join(directory, 'blobs/sha256'))).toEqual([]);
});
