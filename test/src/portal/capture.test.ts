import {describe, expect, test} from 'vitest';
import {portals} from '../../../scrapers/index.ts';
import {capturePage} from '../../../src/portal/capture.ts';
import {tryPage} from '../../../src/portal/try.ts';
import {readFixture} from '../../scrapers/fixture.ts';

const portalOf = (id: string) => {
  const portal = portals.find(known => known.id === id);
  if (portal === undefined) throw new Error(`no portal ${id}`);
  return portal;
};

const PERSONAL = /Restrepo|Pérez|Marta|310 ?555|5550128|apto 1402|@correo/i;

describe('a captured page', () => {
  test.each([
    ['fincaraiz', 'search'],
    ['fincaraiz', 'listing'],
    ['fincaraiz', 'listing-removed'],
  ])('%s %s: a page that says the same, without personal data', (id, name) => {
    const portal = portalOf(id);
    const body = readFixture(`${id}/${name}.html`);
    const {html, content} = capturePage(portal, {body}, 'trial');
    expect(html).not.toBeNull();
    expect(`${html}${JSON.stringify(content)}`).not.toMatch(PERSONAL);
    const readAgain = tryPage(portal, {body: html ?? ''});
    const read = tryPage(portal, {body});
    // Shortened addresses stand in for those an advertiser's words were in.
    expect(readAgain).toEqual(read);
    expect(html?.length).toBeLessThan(3 * body.length);
  });

  test('a page whose state is not the JSON of one script has its content only', () => {
    const body = readFixture('metrocuadrado/search.html');
    const {html, content} = capturePage(portalOf('metrocuadrado'), {body}, 'trial');
    expect(html).toBeNull();
    expect(content.state).not.toBeNull();
    expect(JSON.stringify(content)).not.toMatch(PERSONAL);
  });

  test('the report names what fell away and shows none of it', () => {
    const body = readFixture('fincaraiz/search.html');
    const {report} = capturePage(portalOf('fincaraiz'), {body}, 'trial');
    expect(report.charactersBefore).toBe(body.length);
    expect(report.charactersAfter).toBeLessThan(body.length);
    expect(report.droppedPaths).toEqual(
      expect.arrayContaining([expect.stringMatching(/\.data\[\]\.owner\./)]),
    );
    expect(report.changedPaths).toEqual(expect.arrayContaining([expect.stringMatching(/\.description$/)]));
    expect(report.tokens['[TEL]']).toBeGreaterThan(0);
    expect(report.unusedRules).not.toContain('advertiser names "owner"');
    expect(JSON.stringify(report)).not.toMatch(PERSONAL);
  });

  test('rules that are not adapted to the page are named', () => {
    const portal = portalOf('fincaraiz');
    const strange = {...portal, redact: {dropKeys: ['seller', 'phonne'], linkKeys: ['link']}};
    const {report} = capturePage(strange, {body: readFixture('fincaraiz/search.html')}, 'trial');
    expect(report.unusedRules).toContain('dropKeys names "phonne"');
    expect(report.unusedRules).not.toContain('linkKeys names "link"');
  });

  test('a page with nothing to keep is refused', () => {
    expect(() => capturePage(portalOf('fincaraiz'), {body: '<p>hola'}, 'trial')).toThrow(/no <script id/);
  });
});
