import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import {ConfigError, FetchError} from '../../../src/domain/errors.ts';
import {downloadPlaces, listDownloads, overpassQuery} from '../../../src/imports/place-downloads.ts';
import {VALLE_DE_ABURRA} from '../../../src/lib/geo.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-downloads-'));
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: {method: string | undefined; url: string | undefined; agent: string | undefined; body: string}[] =
  [];
let open = 0;
let mostOpen = 0;

const server = createServer((request, response) => {
  open++;
  mostOpen = Math.max(mostOpen, open);
  response.on('close', () => open--);
  let body = '';
  request.on('data', part => {
    body += String(part);
  });
  request.on('end', () => {
    asked.push({method: request.method, url: request.url, agent: request.headers['user-agent'], body});
    answer(request, response);
  });
});

let settings: Parameters<typeof downloadPlaces>[1];
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  settings = {
    userAgent: 'Raiz/0.1 (+test@example.org)',
    folder,
    baseUrl: `http://127.0.0.1:${port}`,
    deadlineMs: 5000,
    maxBytes: 1000,
  };
});
beforeEach(() => {
  asked = [];
});
afterAll(() => {
  server.close();
  rmSync(folder, {recursive: true});
});

test('one request at a time, with a name and the question; files with checksums', async () => {
  const layer = '{"type":"FeatureCollection","features":[]}';
  answer = ({method}, response) =>
    setTimeout(() => response.end(method === 'POST' ? '{"elements":[]}' : layer), 20);
  const files = await downloadPlaces(listDownloads('medellin'), settings);
  expect(mostOpen).toBe(1);
  expect(asked.map(({method}) => method)).toEqual(['POST', 'GET']);
  expect(asked.every(({agent}) => agent === settings.userAgent)).toBe(true);
  expect(new URLSearchParams(asked[0]?.body).get('data')).toBe(overpassQuery(VALLE_DE_ABURRA));
  expect(files.map(({bytes}) => bytes)).toEqual([15, layer.length]);
  expect(files[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(files[0]!.path, 'utf8')).toBe('{"elements":[]}');
});

test.each([
  ['busy', (response: ServerResponse) => response.writeHead(429).end(), /answered 429\. Try again later/],
  [
    'busy for a while',
    (response: ServerResponse) => response.writeHead(429, {'retry-after': '30'}).end(),
    /answered 429\. It asks to wait 30 s/,
  ],
  ['a page', (response: ServerResponse) => response.end('<html>503</html>'), /sent no whole JSON/],
  ['half', (response: ServerResponse) => response.end('{"elements":[{"type":"no'), /sent no whole JSON/],
  [
    'an error with 200',
    (response: ServerResponse) => response.end('{"error":{"code":500,"message":"busy"}}'),
    /answered with an error: busy/,
  ],
  ['too much', (response: ServerResponse) => response.end('x'.repeat(2000)), /more than 1000 bytes/],
  [
    'broken off',
    (response: ServerResponse) =>
      response.writeHead(200, {'content-length': 50}).end('x', () => response.destroy()),
    /can't be read/,
  ],
])('%s: an error, no file, no second request', async (name, reply, message) => {
  answer = (_, response) => {
    reply(response);
  };
  const own = join(folder, name.replaceAll(' ', '-'));
  const attempt = downloadPlaces(listDownloads('medellin').slice(0, 1), {...settings, folder: own});
  await expect(attempt).rejects.toThrow(FetchError);
  await expect(attempt).rejects.toThrow(message);
  expect(asked).toHaveLength(1);
  expect(existsSync(join(own, 'medellin-osm.json'))).toBe(false);
});

test('an unknown city names those there are', () => {
  expect(() => listDownloads('cali')).toThrow(ConfigError);
  expect(() => listDownloads('cali')).toThrow(/Known: medellin/);
});

const layerOnly = () => listDownloads('medellin').slice(1);
const offsetOf = ({url}: IncomingMessage) =>
  Number(new URL(url ?? '', 'http://x').searchParams.get('resultOffset'));

test.each([
  ['flagged at the top', {exceededTransferLimit: true}],
  ['flagged in properties', {properties: {exceededTransferLimit: true}}],
])('pages of a layer, %s, become one file', async (_, flag) => {
  const all = [{id: 1}, {id: 2}, {id: 3}, {id: 4}, {id: 5}];
  answer = (request, response) => {
    const offset = offsetOf(request);
    const features = all.slice(offset, offset + 2);
    response.end(JSON.stringify({features, ...(offset + 2 < all.length ? flag : {})}));
  };
  const [file] = await downloadPlaces(layerOnly(), settings);
  expect(JSON.parse(readFileSync(file!.path, 'utf8'))).toEqual({type: 'FeatureCollection', features: all});
  expect(asked).toHaveLength(3);
});

test('a page cut at a round number without a word is not taken for the last', async () => {
  answer = (request, response) => {
    const count = offsetOf(request) === 0 ? 1000 : 7;
    response.end(JSON.stringify({features: Array.from({length: count}, (_, index) => index)}));
  };
  const [file] = await downloadPlaces(layerOnly(), {...settings, maxBytes: 1e6});
  const {features} = JSON.parse(readFileSync(file!.path, 'utf8')) as {features: unknown[]};
  expect(features).toHaveLength(1007);
});

test('a server that sends the same page again is given up, and the good file of before stays', async () => {
  answer = (_, response) => response.end('{"features":[1]}');
  const [file] = await downloadPlaces(layerOnly(), settings);
  const before = readFileSync(file!.path, 'utf8');
  answer = (_, response) => response.end('{"features":[1],"exceededTransferLimit":true}');
  await expect(downloadPlaces(layerOnly(), settings)).rejects.toThrow(/same page again and again/);
  expect(readFileSync(file!.path, 'utf8')).toBe(before);
});
