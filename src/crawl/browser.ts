/** Pages of portals that write them with scripts: fetched by our client, rendered by headless Chromium. */
import type {Browser, BrowserContext} from 'playwright';
import {ConfigError, FetchError} from '../domain/errors.ts';
import type {PageRef} from '../domain/page.ts';
import {type Download, type Downloader, type DownloaderOptions, downloadPage} from './downloader.ts';
import {type Http, openHttp} from './http.ts';
import {PacedDeadline} from './paced-deadline.ts';
import {renderPage, type ScriptCache, type Sent} from './render.ts';

export interface BrowserOptions extends DownloaderOptions {
  /** Chromium program. */
  readonly chromium: string;
}

/** A browser that dies is started again so often; then something is wrong with this machine. */
const MAX_RELAUNCHES = 1;
const MAX_SCRIPT_BYTES = 32 * 1024 * 1024;

/**
 * Chromium's own requests would go past robots.txt, pace and user agent: it has no way out. No name and no address
 * resolves for it, and what it would do in the background on its own is off.
 */
const FLAGS = [
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--block-new-web-contents',
];

/**
 * A downloader whose HTML pages are rendered. `deadlineMs` counts for a page as a whole, waits for the host's pace
 * apart; `maxBytesUnpacked` for all that its scripts fetch together, and again for what the page became. Everything
 * else (refusals, redirects, challenges, other kinds of content) is as without a browser: a page that is refused is
 * never rendered.
 *
 * One browser a crawl, started by the first page and once more when it died; each page has a context of its own, so
 * that nothing is remembered from one page to the next but scripts the server lets anyone keep.
 */
export function openBrowserDownloader(options: BrowserOptions): Downloader {
  const http = openHttp(options);
  const browser = new KeptBrowser(options);
  const scripts = scriptCache();
  return {
    download: ref => downloadRendered(ref, {http, browser, scripts, options}),
    close: async () => {
      await browser.close();
      await http.close();
    },
  };
}

interface Tools {
  readonly http: Http;
  readonly browser: KeptBrowser;
  readonly scripts: ScriptCache;
  readonly options: BrowserOptions;
}

async function downloadRendered(ref: PageRef, tools: Tools): Promise<Download> {
  const {http, browser, options} = tools;
  const deadline = new PacedDeadline(options.deadlineMs);
  try {
    const permit = (url: string) => deadline.apart(() => options.permit(url));
    const arrived = await downloadPage(http, options, ref, {permit, signal: deadline.signal});
    if (!/^(text\/html|application\/xhtml)/i.test(arrived.page.headers['content-type'] ?? 'text/html'))
      return arrived;
    const context = await browser.newContext();
    try {
      return await renderPage(context, arrived, {...tools, deadline});
    } finally {
      deadline.end();
      await closeContext(context);
    }
  } finally {
    deadline.end();
  }
}

async function closeContext(context: BrowserContext): Promise<void> {
  try {
    await context.close();
  } catch (error) {
    // A browser that died took its contexts along.
    if (context.browser()?.isConnected() === true) throw error;
  }
}

class KeptBrowser {
  readonly #options: BrowserOptions;
  #launched: Promise<Browser> | undefined;
  #launches = 0;
  #isClosing = false;

  constructor(options: BrowserOptions) {
    this.#options = options;
  }

  /** An empty profile: no cookies, no storage, no permissions, no service workers. */
  async newContext(): Promise<BrowserContext> {
    const browser = await this.#running();
    try {
      return await browser.newContext({
        userAgent: this.#options.userAgent,
        locale: 'es-CO',
        serviceWorkers: 'block',
        acceptDownloads: false,
      });
    } catch (cause) {
      throw new FetchError('transient', 'the browser died before it opened a page', {cause});
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    // Whoever asked for a browser that didn't start has got the error.
    const browser = await this.#launched?.catch(() => undefined);
    await browser?.close();
  }

  #running(): Promise<Browser> {
    this.#launched ??= this.#launch();
    return this.#launched;
  }

  async #launch(): Promise<Browser> {
    if (this.#isClosing || this.#launches > MAX_RELAUNCHES) {
      throw new ConfigError(
        `Chromium (${this.#options.chromium}) died ${this.#launches} times in this crawl: see whether this machine has ` +
          'enough memory. What was collected is kept; `raiz crawl --resume` goes on.',
      );
    }
    this.#launches += 1;
    const browser = await launchChromium(this.#options.chromium);
    browser.on('disconnected', () => {
      if (!this.#isClosing) this.#launched = undefined;
    });
    return browser;
  }
}

/** @throws ConfigError when the program doesn't start. */
async function launchChromium(executablePath: string): Promise<Browser> {
  const {chromium} = await import('playwright');
  try {
    return await chromium.launch({
      executablePath,
      headless: true,
      // Chromium refuses to run as root (containers, CI) with its sandbox; any other user keeps it.
      chromiumSandbox: process.getuid?.() !== 0,
      args: FLAGS,
      // Whoever runs the crawl ends it, pages in flight first.
      ...{handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false},
    });
  } catch (cause) {
    const [line] = String(cause instanceof Error ? cause.message : cause).split('\n');
    throw new ConfigError(
      `${executablePath} doesn't start as a browser: ${line}. Try: "${executablePath}" --headless --dump-dom about:blank`,
      {cause},
    );
  }
}

/** Scripts are the same on all pages of a portal: each is asked for once a crawl, as any browser does. */
function scriptCache(): ScriptCache {
  const known = new Map<string, Sent>();
  let bytes = 0;
  return {
    get: url => known.get(url),
    set: (url, script) => {
      if (known.has(url) || bytes + script.body.length > MAX_SCRIPT_BYTES) return;
      bytes += script.body.length;
      known.set(url, script);
    },
  };
}
