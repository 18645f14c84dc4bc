import type {FetchedPage, PageRef} from '../domain/page.ts';
import {decodeText, decompress} from './decode.ts';
import {type Asking, type Http, type HttpOptions, openHttp} from './http.ts';
import {flattenHeaders, headerOf, refuseChallenge, refuseUnlessGood} from './refusals.ts';

export interface DownloaderOptions extends HttpOptions, Pick<Asking, 'permit'> {
  /** Clock of `fetchedAt`. */
  readonly now: () => Date;
  readonly maxBytesUnpacked: number;
}

/** A page and what it weighed. */
export interface Download {
  readonly page: FetchedPage;
  /** Bytes of the body, unpacked; of all that a browser asked for, when one rendered the page. */
  readonly bytesReceived: number;
}

export interface Downloader {
  /** @throws FetchError; `context.status` holds the HTTP status when the server answered. */
  readonly download: (ref: PageRef) => Promise<Download>;
  readonly close: () => Promise<void>;
}

/** Pages as the portal's server sends them. */
export function openDownloader(options: DownloaderOptions): Downloader {
  const http = openHttp(options);
  return {download: ref => downloadPage(http, options, ref, options), close: http.close};
}

/** Asks for one page. @throws FetchError unless the answer is a page: refused, gone, a challenge, no answer. */
export async function downloadPage(
  http: Http,
  {now, maxBytesUnpacked}: Pick<DownloaderOptions, 'now' | 'maxBytesUnpacked'>,
  ref: PageRef,
  {permit, accept, signal}: Asking,
): Promise<Download> {
  const {answer, url} = await http.get(ref.url, {permit, accept, signal});
  const {status, headers} = answer;
  refuseUnlessGood(answer, url, now(), maxBytesUnpacked);
  const content = decompress(answer.body, headerOf(headers, 'content-encoding'), maxBytesUnpacked);
  const page = {
    ref,
    status,
    finalUrl: url,
    headers: flattenHeaders(headers),
    fetchedAt: now(),
    body: decodeText(content, headerOf(headers, 'content-type')),
  };
  refuseChallenge(page);
  return {page, bytesReceived: content.length};
}
