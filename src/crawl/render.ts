/** One page, rendered: its scripts run in Chromium, and what they ask for is asked by us. */
import {setTimeout as sleep} from 'node:timers/promises';
import type {BrowserContext, Page, Request, Route} from 'playwright';
import {FetchError} from '../domain/errors.ts';
import type {FetchedPage} from '../domain/page.ts';
import {decompress} from './decode.ts';
import {type Download, type DownloaderOptions, downloadPage} from './downloader.ts';
import type {Http} from './http.ts';
import type {PacedDeadline} from './paced-deadline.ts';
import {type Answer, flattenHeaders, headerOf, refuseUnlessGood} from './refusals.ts';

/**
 * Requests of the scripts of one page, beside the page itself. Each waits for its turn at the host's pace; the budgets of
 * run and day count pages.
 */
const MAX_REQUESTS_OF_PAGE = 40;
/** Documents of one page: the one asked for, and those its scripts lead on to. */
const MAX_DOCUMENTS = 5;
/** A page is done when it has loaded and its scripts have asked for nothing so long. */
const QUIET_MS = 500;
/** What a page is made of, as far as its words go. Pictures, fonts, media and styles are bulk nobody reads. */
const WANTED = new Set(['document', 'script', 'xhr', 'fetch']);
/** Headers that speak of the way the body came, which is not the way it goes on; and cookies: nobody keeps any. */
const HOP_HEADERS = new Set([
  ...['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'keep-alive'],
  ...['set-cookie', 'location', 'link', 'refresh'],
]);

/** Scripts that many pages share, kept as long as the crawl. */
export interface ScriptCache {
  readonly get: (url: string) => Sent | undefined;
  readonly set: (url: string, script: Sent) => void;
}

/** What Chromium is given as the answer to a request. */
export interface Sent {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export interface RenderTools {
  readonly http: Http;
  readonly options: DownloaderOptions;
  readonly scripts: ScriptCache;
  readonly deadline: PacedDeadline;
}

/**
 * Runs the scripts of a page that has arrived, in a context of its own, and gives what the page became.
 *
 * Chromium itself sends nothing: each request is answered from what our own client fetched, so that robots.txt, pace,
 * user agent, redirects, caps and certificates are those of every other request. Only GETs to the portal's own host for
 * documents, scripts and data are made.
 * @throws FetchError; that of a request of its scripts when the server refused it or failed.
 */
export async function renderPage(
  context: BrowserContext,
  arrived: Download,
  tools: RenderTools,
): Promise<Download> {
  return new Rendering(context, arrived, tools).run();
}

class Rendering {
  readonly #context: BrowserContext;
  readonly #tools: RenderTools;
  readonly #asking: {permit: DownloaderOptions['permit']; signal: AbortSignal};
  readonly #failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #document: FetchedPage;
  #documents = 0;
  #requests = 0;
  #bytesReceived: number;
  #underWay = 0;
  #lastActiveAt = performance.now();

  constructor(context: BrowserContext, arrived: Download, tools: RenderTools) {
    this.#context = context;
    this.#tools = tools;
    this.#document = arrived.page;
    this.#bytesReceived = arrived.bytesReceived;
    const {deadline, options} = tools;
    this.#asking = {
      permit: portalUrl => deadline.apart(() => options.permit(portalUrl)),
      signal: deadline.signal,
    };
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  async run(): Promise<Download> {
    const {deadline, options} = this.#tools;
    const late = new FetchError(
      'transient',
      `${this.#document.ref.url}: not rendered within ${options.deadlineMs} ms`,
    );
    deadline.signal.addEventListener('abort', () => this.#fail(late), {once: true});
    const body = await Promise.race([this.#failed, this.#render().catch(brokenBrowser)]);
    return {page: {...this.#document, body}, bytesReceived: this.#bytesReceived};
  }

  async #render(): Promise<string> {
    await this.#context.route('**/*', route => this.#answer(route).catch(error => this.#fail(error)));
    await this.#context.routeWebSocket('**/*', socket => socket.close());
    const page = await this.#context.newPage();
    page.on('crash', () => this.#fail(new FetchError('transient', 'the page crashed the browser')));
    await page.goto(this.#document.finalUrl, {waitUntil: 'commit', timeout: 0});
    await this.#settle(page);
    const {maxBytesUnpacked} = this.#tools.options;
    const length = await page.evaluate<number>('document.documentElement.outerHTML.length');
    const body = length > maxBytesUnpacked ? '' : await page.content();
    if (length > maxBytesUnpacked || Buffer.byteLength(body) > maxBytesUnpacked)
      throw new FetchError('permanent', `the rendered page is larger than ${maxBytesUnpacked} bytes`);
    return body;
  }

  /** Until the page has loaded and nothing of the portal's has been asked for a while; refused requests don't count. */
  async #settle(page: Page): Promise<void> {
    for (;;) {
      await page.waitForLoadState('load', {timeout: 0});
      const quietMs = this.#underWay > 0 ? 0 : performance.now() - this.#lastActiveAt;
      if (quietMs >= QUIET_MS) return;
      await sleep(QUIET_MS - quietMs, undefined, {signal: this.#asking.signal});
    }
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const kind = request.resourceType();
    if (request.method() !== 'GET' || !WANTED.has(kind) || !this.#isOwn(request.url())) return refuse(route);
    if (kind === 'document' ? !isMainDocument(request) : this.#requests >= MAX_REQUESTS_OF_PAGE)
      return refuse(route);
    this.#underWay += 1;
    try {
      const sent = kind === 'document' ? await this.#nextDocument(request) : await this.#fetchPart(request);
      await (sent === undefined ? refuse(route) : route.fulfill(sent).catch(brokenBrowser));
    } finally {
      this.#underWay -= 1;
      this.#lastActiveAt = performance.now();
    }
  }

  #isOwn(url: string): boolean {
    return /^https?:/.test(url) && new URL(url).origin === new URL(this.#document.finalUrl).origin;
  }

  /** The page that has arrived, or the one its scripts lead on to. */
  async #nextDocument(request: Request): Promise<Sent> {
    this.#documents += 1;
    if (this.#documents > MAX_DOCUMENTS)
      throw new FetchError('permanent', `${request.url()}: scripts led on more than ${MAX_DOCUMENTS} times`);
    if (this.#documents > 1) {
      const {http, options} = this.#tools;
      const ref = {kind: this.#document.ref.kind, url: request.url()};
      const {page, bytesReceived} = await downloadPage(http, options, ref, this.#asking);
      this.#weigh(bytesReceived);
      this.#document = {...page, ref: this.#document.ref};
    }
    const {status, headers, body} = this.#document;
    // The text was decoded by us: Chromium need not guess the charset again.
    const sent = {...sendable(headers), 'content-type': 'text/html; charset=utf-8'};
    return {status, headers: sent, body: Buffer.from(body)};
  }

  /** A script or data for one; undefined: it isn't asked for. */
  async #fetchPart(request: Request): Promise<Sent | undefined> {
    const url = request.url();
    const isScript = request.resourceType() === 'script';
    const known = isScript ? this.#tools.scripts.get(url) : undefined;
    if (known !== undefined) return known;
    this.#requests += 1;
    const sent = await this.#askFor(url, request.headers().accept);
    const mayKeep = sent?.status === 200 && !/no-store/i.test(sent.headers['cache-control'] ?? '');
    if (isScript && mayKeep) this.#tools.scripts.set(url, sent);
    return sent;
  }

  /** @throws FetchError when the server refuses, throttles or fails: what the page shows then is not the page. */
  async #askFor(url: string, accept: string | undefined): Promise<Sent | undefined> {
    const {http, options} = this.#tools;
    let answer: Answer | undefined;
    try {
      ({answer} = await http.get(url, {...this.#asking, accept}));
      refuseUnlessGood(answer, url, options.now(), options.maxBytesUnpacked);
    } catch (error) {
      // Not here, not allowed, or outside the portal: the page lives without it, as it would in any browser.
      const isBearable =
        error instanceof FetchError && ['gone', 'robots', 'permanent'].includes(error.failure);
      if (!isBearable) throw error;
      if (answer === undefined) return undefined;
    }
    const {status, headers} = answer;
    const body = decompress(answer.body, headerOf(headers, 'content-encoding'), options.maxBytesUnpacked);
    this.#weigh(body.length);
    return {status, headers: sendable(flattenHeaders(headers)), body};
  }

  #weigh(bytes: number): void {
    this.#bytesReceived += bytes;
    const {maxBytesUnpacked} = this.#tools.options;
    if (this.#bytesReceived > maxBytesUnpacked)
      throw new FetchError('permanent', `with its scripts the page is larger than ${maxBytesUnpacked} bytes`);
  }
}

/** Frames within a page and pages it opens beside it are not the page. */
function isMainDocument(request: Request): boolean {
  try {
    return request.isNavigationRequest() && request.frame().parentFrame() === null;
  } catch {
    return false; // Playwright throws for a request of a page that isn't there yet: another than ours
  }
}

function refuse(route: Route): Promise<void> {
  return route.abort('blockedbyclient').catch(brokenBrowser);
}

function sendable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name)));
}

/** What Playwright throws tells of the browser, never of the portal: the page is tried again. */
function brokenBrowser(cause: unknown): never {
  if (cause instanceof FetchError) throw cause;
  const [line] = String(cause instanceof Error ? cause.message : cause).split('\n');
  throw new FetchError('transient', `the browser failed: ${line}`, {cause});
}
