import {describe, expect, it} from 'vitest';
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
  it('says exactly these six things', () => {
    expect(Object.keys(tryFixture('search.html'))).toEqual([
      'kind',
      'announcedTotal',
      'placeEcho',
      'listings',
      'unread',
      'issues',
    ]);
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
