import {describe, expect, test} from 'vitest';
import type {ArchivedSpan} from '../../../src/archive/warc.ts';
import {type Answer, SharedSitemaps} from '../../../src/crawl/shared-sitemaps.ts';
import {FetchError} from '../../../src/domain/errors.ts';

const spanOf = (fileOffset: number): ArchivedSpan => ({
  ...{file: 'toy/2026/1-1.warc.gz', fileOffset, fileLength: 10, contentSha256: 'a'},
});

/** Sitemaps of a run, and what was asked of the portal and of the archive. */
function open(stored: readonly string[] = []) {
  const asked: string[] = [];
  const read: number[] = [];
  const facts = {status: 200, finalUrl: 'u', fetchedAt: new Date(0)};
  const sitemaps = new SharedSitemaps(
    new Map(stored.map((url, n) => [url, {...facts, span: spanOf(n)}])),
    span => {
      read.push(span.fileOffset);
      return Promise.resolve({title: String(span.fileOffset), state: null, jsonLd: [], notices: []});
    },
  );
  const visit = (url: string, attempts = 0, failure?: FetchError) =>
    sitemaps.answer(url, attempts, async () => {
      asked.push(url);
      await Promise.resolve();
      if (failure !== undefined) throw failure;
      const content = {title: url, state: null, jsonLd: [], notices: []};
      const answer: Answer = {
        ...facts,
        ...{content, failure: null, bytesReceived: 5},
        store: () => Promise.resolve(spanOf(100 + asked.length)),
      };
      return answer;
    });
  return {sitemaps, visit, asked, read};
}

describe('a sitemap of a run', () => {
  test('is asked for once, by visits at the same time and later', async () => {
    const {sitemaps, visit, asked} = open();
    expect(sitemaps.holds('a', 0)).toBe(false);
    const answers = await Promise.all([visit('a'), visit('a'), visit('b')]);
    expect(sitemaps.holds('a', 2)).toBe(true);
    await visit('a');
    expect(asked).toEqual(['a', 'b']);
    expect(answers.map(answer => answer.content?.title)).toEqual(['a', 'a', 'b']);
  });

  test('is read from the archive where an earlier process put it', async () => {
    const {sitemaps, visit, asked, read} = open(['a']);
    expect(sitemaps.holds('a', 0)).toBe(true);
    const answer = await visit('a');
    expect([asked, read, answer.bytesReceived]).toEqual([[], [0], 0]);
    expect(await answer.store()).toEqual(spanOf(0));
  });

  test('leaves the memory when others come, is read again and never asked again', async () => {
    const {visit, asked, read} = open();
    const urls = Array.from({length: 20}, (_, n) => `s${n}`);
    for (const url of urls) await (await visit(url)).store();
    expect((await visit('s0')).content?.title).toBe('101');
    expect(asked).toEqual(urls);
    expect(read).toEqual([101]);
  });

  test('stays in memory while it is nowhere else', async () => {
    const {visit, asked, read} = open();
    const urls = Array.from({length: 20}, (_, n) => `s${n}`);
    for (const url of urls) await visit(url);
    await visit('s0');
    expect([asked.length, read]).toEqual([20, []]);
  });

  test('fails for all at once, and is tried again once for each further attempt', async () => {
    const {sitemaps, visit, asked} = open();
    const failure = new FetchError('transient', 'no answer');
    const first = await Promise.allSettled([visit('a', 0, failure), visit('a', 0, failure)]);
    expect(first.map(({status}) => status)).toEqual(['rejected', 'rejected']);
    expect(sitemaps.holds('a', 0)).toBe(true);
    expect(sitemaps.holds('a', 1)).toBe(false);
    await expect(visit('a', 0)).rejects.toBe(failure);
    await expect(visit('a', 1)).resolves.toMatchObject({bytesReceived: 5});
    await visit('a', 1);
    expect(asked).toEqual(['a', 'a']);
  });
});
