import {describe, expect, it} from 'vitest';
import {findPersonal} from '../../../src/portal/personal.ts';

describe('findPersonal', () => {
  it('says what stands where', () => {
    const text = 'Informes: 310 555 01 27 con María Restrepo, apto 302';
    const found = findPersonal(text).map(span => [span.kind, text.slice(span.start, span.end)]);
    expect(found).toEqual([
      ['phone', '310 555 01 27'],
      ['name', 'María Restrepo'],
      ['unit', 'apto 302'],
    ]);
  });

  it('gives spans in order and without overlaps', () => {
    const text = 'Tel 3105550127 / 3205550128 Ana Gómez ana.gomez@correo.example, cel 4445566';
    const spans = findPersonal(text);
    expect(spans.length).toBe(5);
    for (const [at, span] of spans.entries())
      expect(span.start).toBeGreaterThanOrEqual(spans[at - 1]?.end ?? 0);
  });

  it('finds nothing in a text without people', () => {
    expect(findPersonal('Casa de 3 alcobas en Laureles, $ 850.000.000, estrato 5')).toEqual([]);
  });

  it('takes short unit numbers in addresses only', () => {
    expect(findPersonal('torre 2', {isAddress: true})).toHaveLength(1);
    expect(findPersonal('torre 2')).toEqual([]);
  });
});
