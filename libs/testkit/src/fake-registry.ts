import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Seen {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingMessage['headers'];
}

export interface Stored {
  bytes: Buffer;
  mediaType: string;
}

/** Answers a request in place of the registry; false leaves it to that. */
export type Fault = (request: Seen, response: ServerResponse, incoming: IncomingMessage) => boolean;

/** A registry in memory, which does what a test wants to go wrong. */
export interface FakeRegistry {
  /** 127.0.0.1 and a port. */
  host: string;
  seen: Seen[];
  blobs: Map<string, Buffer>;
  /** By tag and by digest. */
  manifests: Map<string, Stored>;
  fault: Fault;
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Starts one that ends with the test. */
export async function fakeRegistry(fault: Fault = () => false): Promise<FakeRegistry> {
  const registry: FakeRegistry = { host: '', seen: [], blobs: new Map(), manifests: new Map(), fault };
  const uploads = new Map<string, Buffer[]>();
  registry.host = await listen((incoming, response) => {
    const { method = '', url: path = '', headers } = incoming;
    registry.seen.push({ method, path, headers });
    if (registry.fault({ method, path, headers }, response, incoming)) return;
    const [, kind = '', name = ''] = /^\/v2\/[^?]*?\/(manifests|blobs)\/([^?]*)/.exec(path) ?? [];
    if (kind === 'manifests') void manifests(registry, method, name, incoming, response);
    else if (name.startsWith('uploads/')) void upload(registry, uploads, method, path, incoming, response);
    else if (kind === 'blobs') blob(registry.blobs.get(name), method, headers.range, response);
    else response.end();
  });
  return registry;
}

/** A server on this machine that ends with the test. */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const answer = (
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
): true => {
  response.writeHead(status, headers).end();
  return true;
};

async function manifests(
  { manifests: all }: FakeRegistry,
  method: string,
  name: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (method === 'PUT') {
    const stored = { bytes: await buffer(incoming), mediaType: incoming.headers['content-type'] ?? '' };
    for (const key of [name, digestOf(stored.bytes)]) all.set(key, stored);
    answer(response, 201);
    return;
  }
  const stored = all.get(name);
  if (stored === undefined) answer(response, 404);
  else response.writeHead(200, { 'content-type': stored.mediaType }).end(stored.bytes);
}

function blob(bytes: Buffer | undefined, method: string, range: string | undefined, response: ServerResponse): void {
  if (bytes === undefined) {
    answer(response, 404);
    return;
  }
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(start);
  const extra = start === 0 ? {} : { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(start === 0 ? 200 : 206, { 'content-length': part.length, ...extra });
  response.end(method === 'HEAD' ? undefined : part);
}

async function upload(
  { blobs }: FakeRegistry,
  uploads: Map<string, Buffer[]>,
  method: string,
  path: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(path, 'http://localhost');
  const mounted = blobs.get(url.searchParams.get('mount') ?? '');
  if (method === 'POST' && mounted !== undefined) return void answer(response, 201);
  if (method === 'POST') {
    const id = `u${uploads.size}`;
    uploads.set(id, []);
    return void answer(response, 202, { location: `${url.pathname}${id}?state=x` });
  }
  const chunks = uploads.get(url.pathname.replace(/.*\//, ''));
  if (chunks === undefined) return void answer(response, 404);
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    return; // it broke off: what came stays
  }
  const whole = Buffer.concat(chunks);
  const digest = url.searchParams.get('digest');
  const headers = { location: `${url.pathname}?state=y`, range: `0-${Math.max(0, whole.length - 1)}` };
  if (method === 'GET') return void answer(response, 204, headers);
  if (method === 'PATCH') return void answer(response, 202, headers);
  if (digest !== digestOf(whole)) return void answer(response, 400);
  blobs.set(digest, whole);
  answer(response, 201);
}
