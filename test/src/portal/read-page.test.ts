import {describe, expect, it} from 'vitest';
import fincaraiz from '../../../scrapers/fincaraiz.ts';
import {readPage} from '../../../src/portal/read-page.ts';
import {readFixture} from '../../scrapers/fixture.ts';

const SCOPE = {
  portal: 'fincaraiz',
  operation: 'sale',
  propertyType: 'house',
  place: 'antioquia/medellin',
} as const;

describe('readPage', () => {
  it('redacts addresses as well as content', () => {
    const url = 'https://www.fincaraiz.com.co/casa-en-venta-de-juan-perez-medellin/190000002';
    const fetched = {
      ref: {kind: 'listing', url},
      status: 200,
      finalUrl: `${url}?tel=3105550127`,
      headers: {},
      fetchedAt: new Date(0),
      body: readFixture('fincaraiz/listing.html'),
    } as const;
    const page = readPage(fincaraiz, SCOPE, fetched, 'key');
    expect(page.ref.url).toBe('https://www.fincaraiz.com.co/casa-en-venta/190000002');
    expect(page.finalUrl).toBe(page.ref.url);
    expect(JSON.stringify(page)).not.toMatch(/perez|3105550127/);
  });

  it('keeps of an error answer its status and title only', () => {
    const url = 'https://www.fincaraiz.com.co/venta/casas/medellin/antioquia';
    const body = '<title>404 · Juan Pérez</title><p>3105550127</p>';
    const page = readPage(
      fincaraiz,
      SCOPE,
      {ref: {kind: 'search', url}, status: 404, finalUrl: url, headers: {}, fetchedAt: new Date(0), body},
      'key',
    );
    expect(page).toMatchObject({
      status: 404,
      content: {title: '404 · [NOMBRE]', state: null, jsonLd: [], notices: []},
    });
  });
});
