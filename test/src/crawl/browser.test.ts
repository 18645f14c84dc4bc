import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, describe, expect, test} from 'vitest';
import {portalAddress} from '../../../src/crawl/address.ts';
import {type BrowserOptions, openBrowserDownloader} from '../../../src/crawl/browser.ts';
import type {Downloader} from '../../../src/crawl/downloader.ts';
import {parseRobots} from '../../../src/crawl/robots.ts';
import {permitOf} from '../../../src/crawl/transport.ts';
import {ConfigError, FetchError} from '../../../src/domain/errors.ts';
import {
  browserProcess,
  CHROMIUM,
  chromiumProcesses,
  NEEDS_CHROMIUM,
  stillRunning,
} from '../../support/chromium.ts';

const HOME = 'https://www.toy.example';
const AGENT = 'Raiz/0.1 (+test)';
const ref = {kind: 'search', url: `${HOME}/venta`} as const;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Answers = Record<string, (response: ServerResponse, request: IncomingMessage) => unknown>;

interface Bench {
  readonly downloader: Downloader;
  /** Path and user agent of every request the portal got. */
  readonly requests: {path: string; userAgent: string; method: string}[];
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A portal that answers these paths, 404 elsewhere. */
async function browserFor(answers: Answers, options: Partial<BrowserOptions> = {}): Promise<Bench> {
  const requests: Bench['requests'] = [];
  const port = await listen(
    createServer((request, response) => {
      const path = request.url ?? '/';
      requests.push({path, userAgent: request.headers['user-agent'] ?? '', method: request.method ?? ''});
      const answer = answers[path];
      if (answer === undefined) response.writeHead(404, {'content-type': 'text/plain'}).end('none');
      else answer(response, request);
    }),
  );
  const downloader = openBrowserDownloader({
    chromium: CHROMIUM ?? '',
    address: portalAddress(HOME, `http://127.0.0.1:${port}`),
    userAgent: AGENT,
    now: () => new Date('2026-03-01T00:00:00Z'),
    connections: 2,
    deadlineMs: 30_000,
    maxBytesReceived: 1_000_000,
    maxBytesUnpacked: 1_000_000,
    permit: () => Promise.resolve(),
    observe: () => {},
    ...options,
  });
  closers.push(downloader.close);
  return {downloader, requests};
}

const html = (body: string) => (response: ServerResponse) =>
  response.writeHead(200, {'content-type': 'text/html'}).end(`<html><title>Toy</title>${body}</html>`);
const json = (value: unknown) => (response: ServerResponse) =>
  response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify(value));
const script = (code: string) => html(`<p id="said">nothing</p><script>${code}</script>`);
const say = `const say = text => { document.getElementById('said').textContent = text; };`;
const pathsOf = ({requests}: Bench) => requests.map(({path}) => path);

describe.skipIf(CHROMIUM === undefined)(`Chromium${NEEDS_CHROMIUM}`, () => {
  test('a page is what its scripts made of it, asked by one user agent', async () => {
    const bench = await browserFor({
      '/venta': html('<p id="said"></p><script src="/app.js"></script>'),
      '/app.js': response =>
        response
          .writeHead(200, {'content-type': 'text/javascript'})
          .end(
            `${say} fetch('/api').then(a => a.json()).then(({n}) => say('n ' + n + ' ' + navigator.userAgent))`,
          ),
      '/api': json({n: 7}),
    });
    const {page, bytesReceived} = await bench.downloader.download(ref);
    expect(page).toMatchObject({status: 200, finalUrl: ref.url, ref});
    expect(page.body).toContain(`<p id="said">n 7 ${AGENT}</p>`);
    expect(bytesReceived).toBeGreaterThan(100);
    expect(pathsOf(bench)).toEqual(['/venta', '/app.js', '/api']);
    expect(new Set(bench.requests.map(({userAgent}) => userAgent))).toEqual(new Set([AGENT]));
  });

  test('scripts are asked for once a crawl, data on every page; nothing is remembered between pages', async () => {
    const bench = await browserFor({
      '/venta': response => {
        response.setHeader('set-cookie', 'seen=1');
        html('<p id="said"></p><script src="/app.js"></script>')(response);
      },
      '/app.js': response =>
        response
          .writeHead(200, {'content-type': 'text/javascript'})
          .end(
            `${say} fetch('/api').then(() => { say('kept ' + (localStorage.n ?? 'nothing') + document.cookie); localStorage.n = 1; document.cookie = 'a=1'; })`,
          ),
      '/api': (response, {headers}) => json({cookie: headers.cookie ?? null})(response),
    });
    for (let n = 0; n < 2; n++) {
      expect((await bench.downloader.download(ref)).page.body).toContain('>kept nothing<');
    }
    expect(pathsOf(bench)).toEqual(['/venta', '/app.js', '/api', '/venta', '/api']);
  });

  test('what robots.txt disallows is not requested, and the page lives without it', async () => {
    const rules = parseRobots('User-agent: *\nDisallow: /api/private', 'Raiz');
    const robots = {rules, found: 'robots.txt', issue: undefined, isSimulated: false};
    const asked: string[] = [];
    const bench = await browserFor(
      {
        '/venta': script(
          `${say} fetch('/api/private').then(() => say('got it'), () => fetch('/api/open').then(() => say('refused')))`,
        ),
        '/api/open': json({}),
      },
      {
        permit: permitOf(portalAddress(HOME), robots, () => {
          asked.push('slot');
          return Promise.resolve();
        }),
      },
    );
    expect((await bench.downloader.download(ref)).page.body).toContain('>refused<');
    expect(pathsOf(bench)).toEqual(['/venta', '/api/open']);
    expect(asked, 'each request waited for its turn').toHaveLength(2);
  });

  test('other hosts are never contacted, pictures and frames never asked for, nothing is posted', async () => {
    let connections = 0;
    const other = createServer((_request, response) => response.end());
    other.on('connection', () => {
      connections += 1;
    });
    const port = await listen(other);
    const bench = await browserFor({
      '/venta': html(`
        <link rel="preconnect" href="http://127.0.0.1:${port}"><link rel="dns-prefetch" href="//127.0.0.1:${port}">
        <link rel="stylesheet" href="/style.css"><img src="/house.jpg"><img src="http://127.0.0.1:${port}/x.png">
        <script src="http://127.0.0.1:${port}/x.js"></script><iframe src="/frame"></iframe>
        <iframe src="http://127.0.0.1:${port}/frame"></iframe><p id="said"></p>
        <script>${say}
          navigator.sendBeacon('/beacon', 'x'); navigator.sendBeacon('http://127.0.0.1:${port}/beacon', 'x');
          new WebSocket('ws://127.0.0.1:${port}/socket'); new WebSocket('wss://www.toy.example/socket');
          new EventSource('/events'); open('/popup'); open('http://127.0.0.1:${port}/popup');
          Promise.allSettled([
            fetch('/api', {method: 'POST', body: 'x'}), fetch('http://127.0.0.1:${port}/api'),
            fetch('http://127.0.0.1:${port}/api', {mode: 'no-cors'}), fetch('/api?get'),
          ]).then(all => say(all.map(({status}) => status).join()));
        </script>`),
      '/api?get': json({}),
    });
    expect((await bench.downloader.download(ref)).page.body).toContain(
      '>rejected,rejected,rejected,fulfilled<',
    );
    expect(pathsOf(bench)).toEqual(['/venta', '/api?get']);
    expect(connections).toBe(0);
  });

  test('redirects of data are followed inside the portal only', async () => {
    const bench = await browserFor({
      '/venta': script(
        `${say} Promise.allSettled([fetch('/old').then(a => a.text()), fetch('/out')]).then(([a, b]) => say(a.value + ' ' + b.status))`,
      ),
      '/old': response => response.writeHead(302, {location: '/new'}).end(),
      '/new': response => response.end('moved'),
      '/out': response => response.writeHead(302, {location: 'http://other.example/'}).end(),
    });
    expect((await bench.downloader.download(ref)).page.body).toContain('>moved rejected<');
  });

  test('a page that its scripts lead on to is the page', async () => {
    const bench = await browserFor({
      '/venta': script(`location.href = '/venta/casas'`),
      '/venta/casas': html('<p>casas</p>'),
    });
    const {page} = await bench.downloader.download(ref);
    expect(page).toMatchObject({finalUrl: `${HOME}/venta/casas`, ref});
    expect(page.body).toContain('<p>casas</p>');
  });

  test('a script that leads on for ever is given up', async () => {
    const lead = script(`location.href = '/venta?' + (Number(location.search.slice(1)) + 1)`);
    const answers = Object.fromEntries(
      Array.from({length: 20}, (_, n) => [n === 0 ? '/venta' : `/venta?${n}`, lead]),
    );
    const bench = await browserFor(answers);
    await expect(bench.downloader.download(ref)).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringContaining('led on more than 5 times'),
    });
    expect(bench.requests).toHaveLength(5);
  });

  test('a script that asks for ever is cut off after 40 requests', async () => {
    const bench = await browserFor({
      '/venta': script(
        `${say} let n = 0; const go = () => fetch('/api/' + n++).then(go, () => { say('stopped at ' + n); setTimeout(go, 20); }); go();`,
      ),
    });
    expect((await bench.downloader.download(ref)).page.body).toMatch(/>stopped at \d+</);
    expect(bench.requests).toHaveLength(41);
  });

  test.each([
    [404, {}, {failure: 'gone', context: {status: 404}}],
    [429, {'retry-after': '7'}, {failure: 'throttled', retryAfterMs: 7000}],
    [503, {}, {failure: 'transient'}],
    [403, {'cf-mitigated': 'challenge'}, {failure: 'blocked', context: {isChallenge: true}}],
  ])('a page that answers %d is an error as without a browser, and is never rendered', async (...given) => {
    const [status, headers, expected] = given;
    const body = '<script src="/app.js"></script>';
    const bench = await browserFor({'/venta': response => response.writeHead(status, headers).end(body)});
    await expect(bench.downloader.download(ref)).rejects.toMatchObject(expected);
    expect(pathsOf(bench)).toEqual(['/venta']);
    expect(chromiumProcesses()).toEqual([]);
  });

  test.each([
    ['429 of its data', 429, {'retry-after': '3'}, '', {failure: 'throttled', retryAfterMs: 3000}],
    ['403 of its data', 403, {}, '', {failure: 'blocked'}],
    ['503 of its data', 503, {}, '', {failure: 'transient'}],
    ['a challenge for its data', 503, {}, '<title>Just a moment...</title>', {failure: 'blocked'}],
  ])('%s fails the page', async (_, status, headers, body, expected) => {
    const bench = await browserFor({
      '/venta': script(`fetch('/api')`),
      '/api': response => response.writeHead(status, headers).end(body),
    });
    await expect(bench.downloader.download(ref)).rejects.toMatchObject(expected);
  });

  test('data that never comes, a script that never ends: the deadline', async () => {
    const bench = await browserFor(
      {'/venta': script(`fetch('/api')`), '/api': () => {}, '/busy': script('for (;;) {}')},
      {deadlineMs: 1500},
    );
    const late = {failure: 'transient', message: expect.stringContaining('1500 ms')};
    await expect(bench.downloader.download(ref)).rejects.toMatchObject(late);
    await expect(bench.downloader.download({kind: 'search', url: `${HOME}/busy`})).rejects.toMatchObject(
      late,
    );
  });

  test('waiting for the pace of the host uses up no time', async () => {
    const bench = await browserFor(
      {
        '/venta': script(`${say} fetch('/a').then(() => fetch('/b')).then(() => say('both'))`),
        '/a': json(1),
        '/b': json(2),
      },
      {deadlineMs: 5000, permit: () => sleep(2500)},
    );
    expect((await bench.downloader.download(ref)).page.body).toContain('>both<');
  });

  test('a page whose scripts fetch or write too much is given up', async () => {
    const bench = await browserFor({
      '/venta': script(`fetch('/a'); fetch('/b');`),
      '/a': response => response.end(Buffer.alloc(600_000, 'a')),
      '/b': response => response.end(Buffer.alloc(600_000, 'b')),
      '/grown': script(`document.body.append('x'.repeat(2_000_000))`),
    });
    const large = {failure: 'permanent', message: expect.stringContaining('larger than 1000000 bytes')};
    await expect(bench.downloader.download(ref)).rejects.toMatchObject(large);
    await expect(bench.downloader.download({kind: 'search', url: `${HOME}/grown`})).rejects.toMatchObject(
      large,
    );
  });

  test('what is not HTML needs no browser', async () => {
    const xml = '<?xml version="1.0"?><urlset></urlset>';
    const bench = await browserFor({
      '/venta': response => response.writeHead(200, {'content-type': 'application/xml'}).end(xml),
    });
    expect((await bench.downloader.download(ref)).page.body).toBe(xml);
    expect(chromiumProcesses()).toEqual([]);
  });

  test('a page in another charset keeps its letters', async () => {
    const bench = await browserFor({
      '/venta': response =>
        response
          .writeHead(200, {'content-type': 'text/html; charset=iso-8859-1'})
          .end(Buffer.from('<p>Itagüí</p>', 'latin1')),
    });
    expect((await bench.downloader.download(ref)).page.body).toContain('<p>Itagüí</p>');
  });

  test.skipIf(process.platform !== 'linux')(
    'a browser that dies is started once more; then the crawl ends, and no process is left',
    async () => {
      const bench = await browserFor({'/venta': script(`fetch('/api')`), '/api': json({})});
      // Until its death is noticed a page may be tried in vain: a passing error.
      const retried = async (): Promise<unknown> => {
        const end: unknown = await bench.downloader.download(ref).catch((error: unknown) => error);
        return end instanceof FetchError && end.failure === 'transient' ? retried() : end;
      };
      for (let n = 0; n < 2; n++) {
        expect(await retried()).toMatchObject({page: {status: 200}});
        process.kill(browserProcess() ?? 0, 'SIGKILL');
        await expect.poll(browserProcess).toBeUndefined();
      }
      expect(await retried()).toBeInstanceOf(ConfigError);
      expect(chromiumProcesses()).toEqual([]);
    },
  );

  test.skipIf(process.platform !== 'linux')('no process is left after close', async () => {
    const bench = await browserFor({'/venta': html('')});
    await bench.downloader.download(ref);
    const running = chromiumProcesses();
    expect(running.length).toBeGreaterThan(1);
    await bench.downloader.close();
    await expect.poll(() => stillRunning(running)).toEqual([]);
  });
});

test('a program that is no browser is named', async () => {
  const bench = await browserFor({'/venta': html('')}, {chromium: process.execPath});
  await expect(bench.downloader.download(ref)).rejects.toThrow(
    `${process.execPath} doesn't start as a browser`,
  );
});
