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
    ['what is left of a byte order mark', '\ufffdUser-agent: *\nDisallow: /a', false],
    ['a star with words after it', 'User-agent: * everybody\nDisallow: /a', false],
    ['a star that begins a word is no star', 'User-agent: *bot\nDisallow: /a', true],
    [
      'a group of ours without rules beats the star group',
      'User-agent: *\nDisallow: /\nUser-agent: raiz\n',
      true,
    ],
    ['blank lines split no group', 'User-agent: raiz\n\n\nDisallow: /a', false],
    [
      'Crawl-delay ends no naming of agents',
      'User-agent: raiz\nCrawl-delay: 5\nUser-agent: x\nDisallow: /a',
      false,
    ],
    [
      'agents after a rule begin a group',
      'User-agent: raiz\nDisallow: /b\nUser-agent: x\nDisallow: /a',
      true,
    ],
    ['a token that our name only begins', 'User-agent: Rai\nDisallow: /a', true],
    ['digits end a token', 'User-agent: raiz2\nDisallow: /a', false],
    ['keys in any case', 'USER-AGENT: *\ndISALLOW: /a', false],
    ['usual misspellings', 'useragent: *\nDissallow: /a', false],
    ['a space for the hyphen', 'User agent: *\nDisalow: /a', false],
    ['a line without its colon', 'User-agent *\nDisallow /a', false],
    ['prose without a colon', 'User-agent: *\nDisallow all robots please', true],
    ['a rule that a comment hides', 'User-agent: *\n# Disallow: /a', true],
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
    ['Disallow: /bar/%62%61%7A', '/bar/baz', false],
    ['Disallow: /bar/baz', '/bar/%62%61%7A', false],
    ['Disallow: /foo/bar?baz=https://foo.bar', '/foo/bar?baz=https://foo.bar', false],
    ['Disallow: /foo/bar/ツ', '/foo/bar/%E3%83%84', false],
    ['Disallow: /foo/bar/%E3%83%84', '/foo/bar/ツ', false],
    ['Disallow: /x/page.html\nAllow: /x/', '/x/page.html', false],
    ['Allow: /p\nDisallow: /', '/page', true],
    ['Allow: /folder\nDisallow: /folder', '/folder/page', true],
    ['Allow: /page\nDisallow: /*.html', '/page.html', false],
    ['Allow: /$\nDisallow: /', '/', true],
    ['Allow: /$\nDisallow: /', '/page.htm', false],
    ['Disallow: /Fish', '/fish', true],
    ['Disallow: /fish/', '/fish', true],
    ['Disallow: fish', '/fish', true],
    ['Disallow: *fish', '/a/fish', false],
    ['Disallow: /a$b', '/a$bc', false],
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
