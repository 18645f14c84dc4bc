import {readdirSync, readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {portals} from '../../../scrapers/index.ts';
import {checkPortal, type PortalEvidence} from '../../../src/portal/check.ts';
import type {Fixture} from '../../../src/portal/check-pages.ts';
import {definePortal, type Portal} from '../../../src/portal/define-portal.ts';
import {take} from '../../../src/portal/take.ts';

const SCRAPERS = new URL('../../../scrapers/', import.meta.url);
const FIXTURES = new URL('../../scrapers/fixtures/', import.meta.url);

function evidenceOf(id: string): PortalEvidence {
  const names = readdirSync(SCRAPERS).filter(name => name.startsWith(`${id}.`) || name.startsWith(`${id}-`));
  const folder = new URL(`${id}/`, FIXTURES);
  const files = readdirSync(folder);
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
  const fixtures: Fixture[] = files
    .filter(name => name.endsWith('.html'))
    .map(name => name.replace('.html', ''))
    .map(name => ({
      name,
      body: read(`${name}.html`),
      expected: files.includes(`${name}.expected.json`)
        ? JSON.parse(read(`${name}.expected.json`))
        : undefined,
    }));
  const sources = names.map(name => ({
    file: `scrapers/${name}`,
    text: readFileSync(new URL(name, SCRAPERS), 'utf8'),
  }));
  return {fixtures, sources, place: 'antioquia/medellin'};
}

const failed = (portal: Portal, evidence: PortalEvidence) =>
  checkPortal(portal, evidence)
    .filter(({isPassed}) => !isPassed)
    .map(({name, found}) => `${name}: ${found}`);

test.each(portals.map(portal => [portal.id, portal] as const))('%s passes', (id, portal) => {
  expect(failed(portal, evidenceOf(id))).toEqual([]);
});

describe('a broken portal', () => {
  const known = portals.find(({id}) => id === 'fincaraiz');
  if (known === undefined) throw new Error('no fincaraiz');
  const EVIDENCE = evidenceOf('fincaraiz');
  const broken = (changes: Partial<Portal>, evidence: Partial<PortalEvidence> = {}) =>
    failed(definePortal({...known, ...changes}), {...EVIDENCE, ...evidence});
  const source = (text: string) => [{file: 'scrapers/fincaraiz.ts', text}];

  test.each<[string, Partial<Portal>, Partial<PortalEvidence>, RegExp]>([
    ['hurries', {politeness: {...known.politeness, minDelayMs: 200}}, {}, /^pace: 200 ms$/],
    [
      'has no policy',
      {policy: {known: 'pending'}},
      {},
      /^policy: no date; nothing about robots.txt; .*pending$/,
    ],
    ['is half a template', {}, {sources: source('a\nb // ✎\n')}, /1 lines marked ✎, the first at .*:2$/],
    [
      'reaches the disk',
      {},
      {sources: source(`import {x} from 'node:fs'; import('./metrocuadrado.ts'); fetch('x'); Date.now()`)},
      /^imports: .* imports node:fs; .*metrocuadrado.ts; .* calls fetch\(; .* calls Date.now\($/,
    ],
    [
      'leaves its host',
      {seeds: () => [{kind: 'search', url: 'https://other.example/'}]},
      {},
      /^first pages: https:\/\/other.example\/ is not on https:\/\/www.fincaraiz/,
    ],
    [
      'begins all searches at one page',
      {seeds: () => [{kind: 'search', url: `${known.homepage}/venta`}]},
      {},
      /^first pages: 30 searches begin at only 1 addresses$/,
    ],
    [
      'expects fields that are none',
      {expect: {announcedShare: 0.95, fill: {rooms: 0.5, price: 2}}},
      {},
      /^expectations: "rooms" is no field; price is no share$/,
    ],
    [
      'names keys that nothing has',
      {redact: {...known.redact, dropKeys: [...known.redact.dropKeys, 'phonne']}},
      {},
      /dropKeys names "phonne", which no fixture has/,
    ],
    [
      'shortens paths differently each time',
      {redact: {...known.redact, shortenPath: path => `${path}x`}},
      {},
      /redacting twice changes what redacting once left/,
    ],
  ])('that %s is found', (_, changes, evidence, expected) => {
    expect(broken(changes, evidence)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  test('that reads its fixtures otherwise, or not at all, is found', () => {
    const [first, ...others] = EVIDENCE.fixtures;
    expect(broken({}, {fixtures: [...others, {name: 'x', body: '<p>', expected: {}}]})).toEqual(
      expect.arrayContaining([expect.stringMatching(/^fixtures: x.html: the page has no <script/)]),
    );
    const other = {...EVIDENCE.fixtures.find(({name}) => name === 'listing')!, expected: {kind: 'search'}};
    expect(broken({}, {fixtures: [other]})).toEqual([
      expect.stringMatching(/^fixtures: listing.html reads otherwise than listing.expected.json says$/),
      expect.stringMatching(/^redaction: /),
    ]);
    expect(broken({}, {fixtures: first === undefined ? [] : [{...first, expected: undefined}]})).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^fixtures: no fixture with an advert/),
        expect.stringMatching(/^mandatory fields: no field is mandatory/),
      ]),
    );
  });

  test('that breaks down where it should refuse, or leaves keys unread, is found', () => {
    const parseListing: Portal['parseListing'] = page => {
      const reading = known.parseListing(page);
      const state = page.content.state as unknown as {props: {pageProps: {data: {title: string}}}};
      state.props.pageProps.data.title.toUpperCase();
      const extra = take({id: 1, surprise: 2}, '$');
      extra.int('id');
      return {...reading, unread: extra.unread()};
    };
    const found = broken({parseListing});
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^every key read: \$\.surprise$/),
        expect.stringMatching(/^mandatory fields: .*data\.title missing: TypeError: Cannot read/),
      ]),
    );
  });
});
