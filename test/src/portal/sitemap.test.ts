import {describe, expect, it} from 'vitest';
import {PageShapeError} from '../../../src/domain/errors.ts';
import {looksLikeSitemap, readSitemap} from '../../../src/portal/sitemap.ts';

const urlset = (inside: string) =>
  `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${inside}</urlset>`;

describe('readSitemap', () => {
  it('reads pages and indexes', () => {
    const pages = urlset(
      '<url><loc>https://a.example/1</loc><lastmod>2026-05-01</lastmod></url><url><loc>https://a.example/2</loc></url>',
    );
    expect(readSitemap(`<?xml version="1.0"?>\n${pages}`)).toEqual({
      kind: 'urls',
      entries: [
        {loc: 'https://a.example/1', lastmod: '2026-05-01'},
        {loc: 'https://a.example/2', lastmod: null},
      ],
    });
    const index = '<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>';
    expect(readSitemap(index)).toEqual({
      kind: 'index',
      entries: [{loc: 'https://a.example/s.xml', lastmod: null}],
    });
  });

  it.each([
    ['another order', '<url><priority>1</priority><lastmod>D</lastmod><loc>L</loc></url>'],
    ['blanks and line breaks', '<url >\n <loc >\n L \n</loc>\n<lastmod>\tD </lastmod></url >'],
    ['CDATA', '<url><loc><![CDATA[L]]></loc><lastmod><![CDATA[D]]></lastmod></url>'],
    [
      'comments',
      '<!-- <url><loc>X</loc></url> --><url><!-- <loc>X</loc> --><loc>L<!-- x --></loc><lastmod>D</lastmod></url>',
    ],
    [
      'pictures',
      '<url><image:image><image:loc>X</image:loc></image:image><loc>L</loc><lastmod>D</lastmod></url>',
    ],
    ['a second address', '<url><loc>L</loc><lastmod>D</lastmod><loc>X</loc></url>'],
    ['attributes', '<url id="<3"><loc a="b">L</loc><lastmod>D</lastmod></url>'.replace('<3', '3')],
  ])('bears %s', (_, inside) => {
    expect(readSitemap(urlset(inside)).entries).toEqual([{loc: 'L', lastmod: 'D'}]);
  });

  it('bears a prefix, a byte order mark and a doctype', () => {
    const xml =
      '\ufeff<?xml version="1.0"?><!DOCTYPE x><s:urlset xmlns:s="x"><s:url><s:loc>L</s:loc></s:url></s:urlset>';
    expect(readSitemap(xml).entries).toEqual([{loc: 'L', lastmod: null}]);
    expect(looksLikeSitemap(xml)).toBe(true);
  });

  it('decodes entities outside of CDATA only', () => {
    const [first, second] = readSitemap(
      urlset('<url><loc>a?x=1&amp;y=&#50;</loc></url><url><loc><![CDATA[a?x=1&amp;y]]></loc></url>'),
    ).entries;
    expect([first?.loc, second?.loc]).toEqual(['a?x=1&y=2', 'a?x=1&amp;y']);
  });

  it('may be empty', () => {
    expect(readSitemap(urlset('')).entries).toEqual([]);
    expect(readSitemap('<urlset/>').entries).toEqual([]);
  });

  it.each([
    ['cut off in an entry', '<urlset><url><loc>L</loc></url><url><loc>M', 'cut off'],
    ['cut off between entries', '<urlset><url><loc>L</loc></url>', 'cut off'],
    ['cut off in a comment', '<urlset><!-- <url><loc>L</loc></url></urlset>', 'cut off'],
    ['a web page', '<!DOCTYPE html><html><title>No</title></html>', 'begins with <html>'],
    ['a feed', '<rss><channel></channel></rss>', 'begins with <rss>'],
    ['nothing', '', 'has no element'],
    ['without address', urlset('<url><lastmod>D</lastmod></url>'), 'no address in entry 1'],
    ['too long', urlset('<url><loc>L</loc></url>'.repeat(50_001)), 'more than 50000'],
  ])('throws when it is %s', (_, xml, message) => {
    expect(() => readSitemap(xml)).toThrow(PageShapeError);
    expect(() => readSitemap(xml)).toThrow(message);
  });

  it('looks at no text twice: many comments and tags without an end', () => {
    expect(() => readSitemap(`<urlset>${'<!-- '.repeat(200_000)}`)).toThrow('cut off');
    expect(() => readSitemap(`<urlset>${'<url '.repeat(200_000)}`)).toThrow('cut off');
  });
});

describe('looksLikeSitemap', () => {
  it.each([
    ['<?xml version="1.0"?>', true],
    ['\n <urlset>', true],
    ['<sitemapindex xmlns="x">', true],
    ['<!DOCTYPE html>', false],
    ['<html>', false],
    ['', false],
  ])('%j: %s', (text, expected) => expect(looksLikeSitemap(text)).toBe(expected));
});
