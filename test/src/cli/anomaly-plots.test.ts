import {describe, expect, it} from 'vitest';
import {gapHistograms, scatterPlot} from '../../../src/cli/anomaly-plots.ts';
import type {ScoredPoint} from '../../../src/db/anomalies.ts';

const point = (changes: Partial<ScoredPoint> = {}): ScoredPoint => ({
  ...{operation: 'sale', propertyType: 'apartment', priceCop: 300e6, midCop: 400e6, anomaly: 'none'},
  ...changes,
});
const attributes = (tag: string, svg: string) =>
  [...svg.matchAll(new RegExp(`<${tag} ([^>]*)/>`, 'g'))].map(match =>
    Object.fromEntries(
      [...(match[1] ?? '').matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    ),
  );

describe('scatterPlot', () => {
  it('puts what asks the expected on the line, less below it, more above', () => {
    const svg = scatterPlot(
      [
        point({priceCop: 400e6}),
        point({anomaly: 'below_normal'}),
        point({priceCop: 900e6, anomaly: 'above_normal'}),
      ],
      false,
    );
    const [usual, below, above] = attributes('circle', svg);
    const [line] = attributes('line', svg).filter(each => each.class === 'axis');
    const slope = (Number(line!.y2) - Number(line!.y1)) / (Number(line!.x2) - Number(line!.x1));
    const onLine = Number(line!.y1) + slope * (Number(usual!.cx) - Number(line!.x1));
    expect(Number(usual!.cy)).toBeCloseTo(onLine, 0);
    expect(Number(below!.cy)).toBeGreaterThan(Number(usual!.cy));
    expect(Number(above!.cy)).toBeLessThan(Number(usual!.cy));
    expect([below!.class, above!.class]).toEqual(['below_normal', 'above_normal']);
  });

  it('draws every anomaly, and of many usual adverts a part', () => {
    const many = Array.from({length: 9000}, (_, at) => point({priceCop: (300 + (at % 200)) * 1e6}));
    const dots = attributes(
      'circle',
      scatterPlot([...many, point({anomaly: 'error_candidate', priceCop: 3e9})], false),
    );
    expect(dots).toHaveLength(3001);
    expect(dots.at(-1)?.class).toBe('error_candidate');
  });

  it('is empty without adverts', () => {
    expect(scatterPlot([], true)).toBe('');
  });
});

describe('gapHistograms', () => {
  it('keeps what lies far away in the outermost bars, and escapes names', () => {
    const svg = gapHistograms([{name: '<casas>', gaps: [-0.99, 0.01, 0.01, 7]}]);
    const tall = attributes('rect', svg).map(({height}) => Number(height));
    const most = Math.max(...tall);
    expect(tall.filter(height => height > 0)).toHaveLength(3);
    expect([tall[0], tall.at(-1)]).toEqual([most / 2, most / 2]);
    expect(svg).toContain('&lt;casas&gt; · 4');
  });
});
