import {describe, expect, it} from 'vitest';
import {indexComparables, listComparables} from '../../../src/ml/comparables.ts';
import {PRICE_PARTS} from '../../../src/ml/explain.ts';
import type {HomeValue} from '../../../src/valuation/value-home.ts';
import {drawValue} from '../../../src/valuation/value-plot.ts';
import {featureRow} from '../../support/housing-world.ts';

const row = featureRow({groupId: 'asked'});
const others = Array.from({length: 12}, (_, n) =>
  featureRow({groupId: `n${n}`, listingId: `n${n}`, areaM2: 70 + n, priceCop: 380e6 + 9e6 * n}),
);
const value: HomeValue & {status: 'valued'} = {
  status: 'valued',
  row,
  modelId: 'm',
  isOutOfFold: false,
  comparables: listComparables(indexComparables(others), row),
  range: {lowCop: 412e6, midCop: 463e6, highCop: 520e6},
  difference: {
    ...{typicalCop: 510e6, typicalAreaM2: 92, typicalRows: 140, place: 'Laureles', isOwnType: true},
    parts: PRICE_PARTS.map((part, at) => ({part, cop: [31e6, 0, -62e6, -9e6, 4e6, 0, 6e6, 0][at]!})),
    restCop: -17e6,
  },
  reasons: [],
  standing: {askingCop: 540e6, gapPct: 16.6, position: 'above', reasons: []},
};
const words = {home: 'Casa <grande> & "bonita"', source: 'Modelo gbdt', isSynthetic: true};
const numbersOf = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, n]) => Number(n));

describe('drawValue', () => {
  const svg = drawValue(value, words);

  it('draws a step for each reason, a dot for each comparable, and marks simulated data', () => {
    expect(svg.match(/<circle/g)).toHaveLength(12);
    for (const label of [
      '+31 M',
      '−62 M',
      '−9 M',
      '+6 M',
      '+4 M',
      '−17 M',
      '510 M',
      '463 M',
      '412 M',
      '520 M',
    ])
      expect(svg).toContain(`>${label}</text>`);
    expect(svg).toContain('>SIMULADO</text>');
    expect(drawValue(value, {...words, isSynthetic: false})).not.toContain('SIMULADO');
  });

  it('keeps everything inside the picture, however far the asking price is', () => {
    for (const askingCop of [540e6, 2e9, 50e6]) {
      const far = drawValue({...value, standing: {...value.standing!, askingCop}}, words);
      const across = numbersOf(far, /(?:x|x1|x2|cx)="(-?[\d.]+)"/g);
      expect(Math.min(...across)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...across)).toBeLessThanOrEqual(960);
      expect(far).not.toMatch(/NaN|Infinity|undefined|width="-/);
    }
  });

  it('joins the steps: each begins where the last one ended', () => {
    const joints = [...svg.matchAll(/<line x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"[^>]*dasharray="2 2"/g)];
    expect(joints).toHaveLength(7);
    for (const [, from, to] of joints) expect(from).toBe(to);
    const last = Number(joints.at(-1)![1]);
    const mid = Number(/x1="([\d.]+)"[^>]*stroke="#1d4ed8"/.exec(svg)![1]);
    expect(Math.abs(last - mid)).toBeLessThan(0.2);
  });

  it('is well-formed whatever the texts hold, and draws without reasons and asking price too', () => {
    expect(svg).toContain('Casa &lt;grande&gt; &amp; &quot;bonita&quot;');
    const bare = drawValue({...value, difference: null, standing: null}, words);
    expect(bare).not.toContain('se pide');
    expect(bare).toContain('Rango justo (80 %)');
    const {row: of, modelId, isOutOfFold, comparables} = value;
    const lacking = {
      row: of,
      modelId,
      isOutOfFold,
      comparables,
      status: 'insufficient_data',
      missing: [],
    } as const;
    expect(() => drawValue(lacking, words)).toThrow(RangeError);
  });
});
