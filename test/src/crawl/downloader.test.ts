import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {afterEach, expect, test} from 'vitest';
import {portalAddress} from '../../../src/crawl/address.ts';
import {type Downloader, type DownloaderOptions, openDownloader} from '../../../src/crawl/downloader.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function downloaderFor(
  listener: RequestListener,
  options: Partial<DownloaderOptions> = {},
): Promise<Downloader> {
  const server = createServer(listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const downloader = openDownloader({
    address: portalAddress(
      'https://www.toy.example',
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ),
    userAgent: 'Raiz/0.1 (+test)',
    now: () => new Date('2026-03-01T00:00:00Z'),
    connections: 2,
    deadlineMs: 5000,
    maxBytesReceived: 1_000_000,
    maxBytesUnpacked: 1_000_000,
    permit: () => Promise.resolve(),
    observe: () => {},
    ...options,
  });
  closers.push(async () => {
    await downloader.close();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return downloader;
}

const ref = {kind: 'search', url: 'https://www.toy.example/venta'} as const;

test('a page with its final address, status, headers, instant and size', async () => {
  const downloader = await downloaderFor((request, response) => {
    if (request.url === '/venta') response.writeHead(301, {location: '/venta/'}).end();
    else response.writeHead(200, {'content-type': 'text/html'}).end(`hola ${request.headers['user-agent']}`);
  });
  expect(await downloader.download(ref)).toMatchObject({
    page: {
      status: 200,
      finalUrl: 'https://www.toy.example/venta/',
      body: 'hola Raiz/0.1 (+test)',
      headers: {'content-type': 'text/html'},
    },
    bytesReceived: 21,
  });
});

test.each([
  [404, 'gone'],
  [410, 'gone'],
  [403, 'blocked'],
  [429, 'throttled'],
  [500, 'transient'],
  [408, 'transient'],
  [400, 'permanent'],
])('%d is %s', async (status, failure) => {
  const downloader = await downloaderFor((_request, response) => response.writeHead(status).end('no'));
  await expect(downloader.download(ref)).rejects.toMatchObject({failure, context: {status}});
});

test('503 with Retry-After asks for a pause', async () => {
  const downloader = await downloaderFor((_request, response) =>
    response.writeHead(503, {'retry-after': '7'}).end(),
  );
  await expect(downloader.download(ref)).rejects.toMatchObject({failure: 'throttled', retryAfterMs: 7000});
});

test('a server that drips bytes for ever ends at the deadline', async () => {
  const downloader = await downloaderFor(
    (_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    },
    {deadlineMs: 200},
  );
  await expect(downloader.download(ref)).rejects.toMatchObject({
    failure: 'transient',
    message: expect.stringContaining('200 ms'),
  });
});

test('a page over the cap is given up', async () => {
  const downloader = await downloaderFor((_request, response) => response.end(Buffer.alloc(2_000_000)));
  await expect(downloader.download(ref)).rejects.toMatchObject({failure: 'permanent'});
});

test('a body shorter than announced is a passing error', async () => {
  const downloader = await downloaderFor((_request, response) => {
    response.writeHead(200, {'content-length': '100'});
    response.write('short', () => response.destroy());
  });
  await expect(downloader.download(ref)).rejects.toMatchObject({failure: 'transient'});
});

test('redirects in a circle end', async () => {
  const downloader = await downloaderFor((_request, response) =>
    response.writeHead(302, {location: '/venta'}).end(),
  );
  await expect(downloader.download(ref)).rejects.toThrow(/more than 5 redirects/);
});
