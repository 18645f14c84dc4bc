import {describe, expect, test} from 'vitest';
import {parseRobots} from '../../../src/crawl/robots.ts';

const allows = (text: string, path: string) => parseRobots(text, 'Raiz').allows(path);

describe('which group speaks to us', () => {
  test.each([
    ['no group at all', '', true],
    ['the star group', 'User-agent: *\nDisallow: /a', false],
    [
      'our group instead of the star group',
      'User-agent: *\nDisallow: /a\nUser-agent: raiz\nDisallow: /b',
      true,
    ],
    [
      'our group, in any case, with version and words after it',
      'User-agent: RAIZ Bot/2.0\nDisallow: /a',
      false,
    ],
    ['another product that begins like ours', 'User-agent: raizbot\nDisallow: /a', true],
    ['two groups of ours are one', 'User-agent: raiz\nDisallow: /b\nUser-agent: raiz\nDisallow: /a', false],
    ['a group of several agents', 'User-agent: x\nUser-agent: raiz\nDisallow: /a', false],
    ['a Sitemap line splits no group', 'User-agent: raiz\nSitemap: https://x/s.xml\nDisallow: /a', false],
    ['rules before any agent speak to nobody', 'Disallow: /a\nUser-agent: *\nAllow: /', true],
    ['byte order mark, CR, comments, spaces', '\ufeffUser-agent : * # all\r Disallow : /a # no\r', false],
    ['an HTML page holds no rules', '<html><body>Not found</body></html>', true],
  ])('%s', (_name, text, expected) => {
    expect(allows(text, '/a/1')).toBe(expected);
  });
});

describe('which rule wins', () => {
  test.each([
    ['Disallow:', '/x', true],
    ['Disallow: /', '/robots.txt', true],
    ['Disallow: /a\nAllow: /a/b', '/a/b/c', true],
    ['Allow: /a/b\nDisallow: /a', '/a/c', false],
    ['Disallow: /page\nAllow: /page', '/page', true],
    ['Disallow: /arriendo/*-y-*', '/arriendo/casas-y-apartamentos/bello', false],
    ['Disallow: /arriendo/*-y-*', '/arriendo/casas/bello', true],
    ['Disallow: /*.php$', '/a/index.php', false],
    ['Disallow: /*.php$', '/a/index.php?x=1', true],
    ['Disallow: /fish*', '/fishing/a', false],
    ['Disallow: /a*b*c$', '/abbc', false],
    ['Disallow: /a*b*c$', '/abbcd', true],
    ['Disallow: /x$', '/x', false],
    ['Disallow: /ñ', '/%C3%B1andu', false],
    ['Disallow: /%c3%b1', '/ñandu', false],
    ['Disallow: /%7Euser', '/~user', false],
    ['Disallow: /a%2Fb', '/a/b', true],
    ['Disallow: /*?orden=', '/venta?orden=2', false],
  ])('%s for %s: %s', (rules, path, expected) => {
    expect(allows(`User-agent: *\n${rules}`, path)).toBe(expected);
  });

  test('a pattern of many stars is matched in linear time', () => {
    expect(allows(`User-agent: *\nDisallow: /${'a*'.repeat(2000)}z`, `/${'a'.repeat(20_000)}`)).toBe(true);
  });
});

test('Crawl-delay of our group, in seconds', () => {
  expect(
    parseRobots('User-agent: *\nCrawl-delay: 7\nUser-agent: raiz\nCrawl-delay: 2.5', 'Raiz').crawlDelayMs,
  ).toBe(2500);
  expect(parseRobots('User-agent: *\nCrawl-delay: soon', 'Raiz').crawlDelayMs).toBe(0);
});
