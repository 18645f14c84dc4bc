import {describe, expect, it} from 'vitest';
import ciencuadras from '../../../scrapers/ciencuadras.ts';
import fincaraiz from '../../../scrapers/fincaraiz.ts';
import {RaizError} from '../../../src/domain/errors.ts';
import {tryPage} from '../../../src/portal/try.ts';
import {readFixture} from '../../scrapers/fixture.ts';

const tryFixture = (name: string, url?: string) =>
  tryPage(
    fincaraiz,
    url === undefined
      ? {body: readFixture(`fincaraiz/${name}`)}
      : {body: readFixture(`fincaraiz/${name}`), url},
  );

describe('tryPage', () => {
  it('says exactly these seven things', () => {
    expect(Object.keys(tryFixture('search.html'))).toEqual([
      'kind',
      'announcedTotal',
      'placeEcho',
      'listings',
      'links',
      'unread',
      'issues',
    ]);
  });

  it('gives what a sitemap leads to, whatever the operation and type; of an index, what belongs to the place', () => {
    const city = tryPage(ciencuadras, {body: readFixture('ciencuadras/sitemap-city.xml')});
    expect(city.kind).toBe('sitemap');
    expect(city.links).toHaveLength(5);
    expect(city.links.map(link => link.lastmod)).toContain('2026-04-29');
    expect(city.issues.map(issue => issue.value)).toEqual(['iglu', 'no advert']);
    const body = readFixture('ciencuadras/sitemap-index.xml');
    expect(tryPage(ciencuadras, {body, place: 'antioquia/la-estrella'}).links).toHaveLength(2);
    expect(tryPage(ciencuadras, {body}).links).toEqual([]);
    expect(() => tryPage(ciencuadras, {body: body.slice(0, 300)})).toThrow(/cut off/);
  });

  it('knows the kind from the address, from the page’s own address, or from what is in it', () => {
    expect(tryFixture('search.html').kind).toBe('search');
    expect(tryFixture('listing.html').kind).toBe('listing');
    expect(tryFixture('search-unknown-place.html')).toMatchObject({
      kind: 'search',
      placeEcho: 'colombia',
      announcedTotal: 176_400,
    });
    const anonymous = readFixture('fincaraiz/listing.html').replace(/<link rel="canonical"[^>]*>/, '');
    expect(tryPage(fincaraiz, {body: anonymous}).kind).toBe('listing');
    expect(tryFixture('listing.html', 'https://www.fincaraiz.com.co/x-en-venta/190000002').kind).toBe(
      'listing',
    );
  });

  it('tells removed adverts and challenges from pages to read', () => {
    expect(tryFixture('listing-removed.html')).toMatchObject({
      kind: 'gone',
      listings: [],
      issues: [{code: 'gone'}],
    });
    expect(tryFixture('challenge.html')).toMatchObject({kind: 'rejected', issues: [{code: 'page_rejected'}]});
  });

  it('lists rejected records and unread keys', () => {
    const body = readFixture('fincaraiz/search.html')
      .replaceAll('"link":"/casa-en-venta-de-maria-fernanda-restrepo-medellin/190000001"', '"link":null')
      .replaceAll('"barter":false', '"barter":false,"trueque":{"a":1}');
    const trial = tryPage(fincaraiz, {body});
    expect(trial.listings).toHaveLength(3);
    expect(trial.unread).toEqual(['$.trueque']);
    expect(trial.issues).toMatchObject([
      {code: 'record_rejected', message: '$.link: expected text, got nothing'},
    ]);
  });

  it.each(['search-truncated.html'])('throws a clear error on %s', name => {
    expect(() => tryFixture(name)).toThrow(RaizError);
    expect(() => tryFixture(name)).toThrow('cut off');
  });
});
