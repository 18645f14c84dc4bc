import {describe, expect, it} from 'vitest';
import {PageShapeError} from '../../../src/domain/errors.ts';
import {
  cutAngularState,
  cutCanonicalUrl,
  cutJsonLd,
  cutScriptById,
  cutTitle,
} from '../../../src/portal/embedded.ts';

describe('cutScriptById', () => {
  it.each([
    '<script id="__NEXT_DATA__" type="application/json">{"a":1}</script>',
    '<script type="application/json" crossorigin="anonymous" id="__NEXT_DATA__">{"a":1}</script>',
    '<script id=\'__NEXT_DATA__\'>{"a":1}</script >',
    '<script\n  id = "__NEXT_DATA__"\n>\n{"a":1}\n</script>',
    '<script>window.x = "__NEXT_DATA__"</script><script id=__NEXT_DATA__>{"a":1}</script>',
    '<p>__NEXT_DATA__</p><script id="__NEXT_DATA__">{"a":1}</script>',
  ])('%s', html => expect(cutScriptById(html, '__NEXT_DATA__')).toEqual({a: 1}));

  it.each([
    ['none', '<html><title>Otra</title></html>', 'no <script id="__NEXT_DATA__">'],
    ['only mentioned', '<script>"__NEXT_DATA__"</script>', 'no <script id="__NEXT_DATA__">'],
    ['cut off', '<script id="__NEXT_DATA__">{"a":1', 'has no end'],
    ['broken', '<script id="__NEXT_DATA__">{"a":1,}</script>', 'broken JSON'],
  ])('throws when it is %s', (_, html, message) => {
    const cut = () => cutScriptById(html, '__NEXT_DATA__');
    expect(cut).toThrow(PageShapeError);
    expect(cut).toThrow(message);
  });

  it('quotes nothing of a page that is not redacted yet', () => {
    const cut = () => cutScriptById('<script id="x">{"tel": 3105550127 Juan}</script>', 'x');
    expect(cut).toThrow(PageShapeError);
    try {
      cut();
    } catch (error) {
      expect((error as Error).cause).toBeUndefined();
      expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/310|Juan/);
    }
  });
});

describe('cutAngularState', () => {
  it.each([
    ['{&q;a&q;:&q;it&s;s &l;b&g; &a; c&q;}', {a: "it's <b> & c"}],
    ['{&q;a&q;:&q;&a;q; &a;amp;&q;}', {a: '&q; &amp;'}],
    ['{"a":"plain & simple"}', {a: 'plain & simple'}],
  ])('%s', (text, expected) => {
    expect(
      cutAngularState(`<script id="x-state" type="application/json">${text}</script>`, 'x-state'),
    ).toEqual(expected);
  });

  it('throws like cutScriptById', () => {
    expect(() => cutAngularState('<p></p>', 'x-state')).toThrow('no <script id="x-state">');
    expect(() => cutAngularState('<script id="x-state">{&q;a', 'x-state')).toThrow('has no end');
    expect(() => cutAngularState('<script id="x-state">{&q;a}</script>', 'x-state')).toThrow('broken JSON');
  });
});

describe('cutJsonLd', () => {
  it('gives every block in order, null for a broken one', () => {
    const html =
      '<script type="application/ld+json">{"@type":"A"}</script><script data-x="1" type=application/ld+json>{oops}</script>' +
      '<script type="application/ld+json">[1]</script>';
    expect(cutJsonLd(html)).toEqual([{'@type': 'A'}, null, [1]]);
    expect(cutJsonLd('<p>application/ld+json</p>')).toEqual([]);
  });
});

describe('cutTitle and cutCanonicalUrl', () => {
  it('reads title and address', () => {
    expect(cutTitle('<title data-n="1">\n Casas &amp; más &#x2013; Finca&iacute; </title>')).toBe(
      'Casas & más – Finca&iacute;',
    );
    expect(cutTitle('<p>no title</p>')).toBeNull();
    expect(cutCanonicalUrl('<link href="https://a.example/x?a=1&amp;b=2" rel="canonical"/>')).toBe(
      'https://a.example/x?a=1&b=2',
    );
    expect(cutCanonicalUrl('<p></p>')).toBeNull();
  });
});
