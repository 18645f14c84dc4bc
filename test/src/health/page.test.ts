import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {Incident, ScopeRunRow} from '../../../src/db/health.ts';
import {renderHealthPage, writeHealthPage} from '../../../src/health/page.ts';

const NOW = new Date('2026-03-09T15:00:00Z');

function row(runId: number, changes: Partial<ScopeRunRow> = {}): ScopeRunRow {
  return {
    ...{portal: 'toy', scope: 'sale/house/antioquia/bello', operation: 'sale', propertyType: 'house'},
    ...{
      place: 'antioquia/bello',
      runId,
      observedOn: `2026-03-0${runId}`,
      verdict: 'complete',
      reason: 'saw all',
    },
    observedAt: new Date(`2026-03-0${runId}T17:00:00Z`),
    ...{announcedTotal: 1250, listingsSeen: 1234, isSynthetic: false, linksLeft: 0, oldestVisitAt: null},
    measure: {
      ...{listings: 1000, listingsNew: 21, listingsChanged: 32, listingsBefore: 1230, listingsGone: 43},
      ...{duplicates: 3, filled: {price: 987, areaM2: 954, latitude: 700}, blocks: 7, seconds: 61.25},
    },
    ...changes,
  };
}

const incident: Incident = {
  ...{incidentId: 1, kind: 'field_fill_drop', portal: 'toy', subject: 'price', fingerprint: 'x'},
  ...{observed: '<script>alert(1)</script>', expected: `"98 %" & 'more'`, since: NOW, openedAt: NOW},
  ...{closedAt: null, openingSentAt: null, closingSentAt: null, sendError: null},
};

const page = (rows: ScopeRunRow[], incidents: Incident[] = []) =>
  renderHealthPage({rows, incidents, shownRuns: 8, now: NOW});

const cells = (html: string, caption: string) =>
  [
    ...(html.split(`<caption>${caption}</caption>`)[1]?.split('</table>')[0] ?? '').matchAll(
      /<tr><th scope="row">.*?<\/tr>/gs,
    ),
  ].map(match =>
    [...match[0].matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(cell => cell[1]?.replace(/<.*?>/g, '')),
  );

test('shows every figure of a run, newest first, at most eight', () => {
  const html = page([1, 2, 3, 4, 5, 6, 7, 8, 9].map(id => row(id)));
  const found = cells(html, 'sale/house/antioquia/bello');
  expect(found).toHaveLength(8);
  expect(found[0]).toEqual([
    ...['2026-03-09', '1.250', '1.234', '21', '32', '43', '98.7 %', '99 · 95 · 70', '7', '61.3'],
  ]);
  expect(found[7]?.[0]).toBe('2026-03-02');
  expect(cells(html, 'Todas las búsquedas')).toEqual(found);
});

test('what is not known is a dash, never 0', () => {
  const html = page([row(1, {measure: null, announcedTotal: null, verdict: 'blocked', reason: 'challenge'})]);
  expect(cells(html, 'sale/house/antioquia/bello')).toEqual([
    ['2026-03-01', '–', '1.234', '–', '–', '–', '–', '–', '–', '–'],
  ]);
  expect(html).toMatch(/Motivo <span lang="en">reason<\/span><\/small> challenge</);
});

test('searches that are not complete come first, open, and count in the whole', () => {
  const html = page([
    row(1),
    row(1, {scope: 'rent/x', verdict: 'incomplete', reason: 'saw 3 of 9', listingsSeen: 3}),
  ]);
  expect(html.indexOf('rent/x')).toBeLessThan(html.indexOf('sale/house'));
  expect(html.match(/<details open>/g)).toHaveLength(1);
  expect(cells(html, 'Todas las búsquedas')[0]).toEqual([
    ...['2026-03-01', '2.500', '1.237', '42', '64', '86', '49.5 %', '99 · 95 · 70', '14', '61.3'],
  ]);
  expect(html).toContain('1 de 2 búsquedas · saw 3 of 9');
});

test('everything from outside is escaped; nothing is loaded and no script runs', () => {
  const evil = '<img src=x onerror=alert(1)>';
  const html = page(
    [row(1, {portal: evil, scope: evil, reason: evil, verdict: 'failed', observedOn: evil})],
    [incident, {...incident, portal: evil, subject: evil}],
  );
  expect(html).not.toMatch(/<script|<img|<[^>]*(src|href)=/);
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).toContain('&quot;98 %&quot; &amp; &#39;more&#39;');
  expect(html).toContain(`default-src 'none'`);
});

test('simulated rows mark the page, real ones do not', () => {
  expect(page([row(1, {isSynthetic: true})])).toMatch(/<title>.*SIMULADO<\/title>[\s\S]*<b>SIMULADO<\/b>/);
  expect(page([row(1)])).not.toContain('SIMULADO');
});

test('nothing collected yet', () => {
  expect(page([])).toMatch(/Datos hasta.*nunca[\s\S]*Nada recolectado/);
});

test('is written whole, over the old one, and leaves nothing else', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'raiz-page-'));
  try {
    const options = {incidents: [], shownRuns: 8, now: NOW};
    await writeHealthPage(dataDir, {rows: [], ...options});
    const path = await writeHealthPage(dataDir, {rows: [row(1)], ...options});
    expect(readFileSync(path, 'utf8')).toBe(page([row(1)]));
    expect(readdirSync(join(dataDir, 'health'))).toEqual(['index.html']);
  } finally {
    rmSync(dataDir, {recursive: true, force: true});
  }
});
