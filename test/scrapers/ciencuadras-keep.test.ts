import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {CHALLENGE, keep} from '../../scrapers/ciencuadras-keep.ts';
import {PageShapeError} from '../../src/domain/errors.ts';
import {cutAngularState} from '../../src/portal/embedded.ts';
import {lookUp} from '../../src/portal/take.ts';
import {readFixture} from './fixture.ts';

const LISTING = readFixture('ciencuadras/listing.html');
const REMOVED = readFixture('ciencuadras/listing-removed.html');
const CITY = readFixture('ciencuadras/sitemap-city.xml');

describe('keep', () => {
  it.each([
    ['a truncated page', LISTING.slice(0, -40), 'cut off'],
    ['a page without state', '<html><title>Hola</title></html>', 'no <script'],
    [
      'a state without advert',
      '<script id="detail-state">{&q;/venta/bogota&q;:{}}</script>',
      'holds no advert',
    ],
    ['a truncated sitemap', CITY.slice(0, 900), 'cut off'],
  ])('throws on %s', (_, body, message) => {
    expect(() => keep(body)).toThrow(PageShapeError);
    expect(() => keep(body)).toThrow(message);
  });

  it('keeps the advert under fixed names, without the slug in a key', () => {
    const {state, jsonLd, title, notices} = keep(LISTING);
    expect(Object.keys(state ?? {})).toEqual(['path', 'route', 'detail', 'advertiser']);
    expect(lookUp(state, 'route.message')).toBe('OK');
    expect(lookUp(state, 'advertiser')).toEqual({
      userId: 7000123,
      userTypeId: 2,
      realStateName: 'Raíces del Sur SAS',
      page: 'inmobiliaria',
    });
    expect(jsonLd).toEqual([{'@type': 'Product', offers: {price: 3_059_100_000, priceCurrency: 'COP'}}]);
    expect([title, notices]).toEqual(['Inmueble en Venta, Casa en Los Molinos, La Estrella', []]);
  });

  it('makes numbers of amounts that are nothing else', () => {
    const amounts = ['price', 'leaseFee', 'adminValue', 'priceFrom'].map(key =>
      lookUp(keep(LISTING).state, `detail.generalData.${key}`),
    );
    expect(amounts).toEqual([3_059_100_000, 4_200_000, 310_000, null]);
    const odd = keep(LISTING.replace('&q;4200000&q;', '&q;a convenir&q;'));
    expect(lookUp(odd.state, 'detail.generalData.leaseFee')).toBe('a convenir');
  });

  it('keeps no state of a challenge and of a page that only says it was removed', () => {
    const challenge = keep(readFixture('ciencuadras/challenge.html'));
    expect([challenge.state, CHALLENGE.test(challenge.title ?? '')]).toEqual([null, true]);
    expect(keep(REMOVED)).toMatchObject({state: null, notices: ['Este inmueble ya no está disponible']});
  });

  it('takes no sentence inside a script', () => {
    expect(LISTING).toContain('Este inmueble ya no está disponible');
    expect(keep(LISTING).notices).toEqual([]);
    const both = `<script>"Este inmueble ya no está disponible"</script>${REMOVED}`;
    expect(keep(both).notices).toHaveLength(1);
  });

  it('keeps a sitemap’s entries', () => {
    const {state} = keep(readFixture('ciencuadras/sitemap-index.xml'));
    expect(lookUp(state, 'sitemap')).toBe('index');
    expect(lookUp(state, 'entries')).toHaveLength(5);
    expect(lookUp(keep(CITY).state, 'entries')).toHaveLength(8);
  });
});

const SAMPLES = new URL('../../../shared/portals/samples/ciencuadras/', import.meta.url);
const sample = (name: string) => readFileSync(new URL(name, SAMPLES), 'utf8');

describe.skipIf(!existsSync(SAMPLES))('real pages of ../shared (skipped where it is absent)', () => {
  it('decodes the state of May 2026 as it was decoded there', () => {
    expect(cutAngularState(sample('detail-2026-05-tuna-alta-venta.excerpt.html'), 'detail-state')).toEqual(
      JSON.parse(sample('detail-2026-05-tuna-alta-venta.state.decoded.json')),
    );
  });
});
