import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {encodeText, fitText, termsOf, textColumns} from '../../../src/ml/text-features.ts';
import {featureRow} from '../../support/housing-world.ts';

const FILLER = [
  'sala',
  'comedor',
  'cocina',
  'alcobas',
  'closet',
  'ventanas',
  'pasillo',
  'baño',
  'piso',
  'puerta',
];

/** Homes whose description says what is left of their price: `vista al mar` is worth 0.5. */
function writtenWorld(homes: number, seed: number) {
  const random = createRandom(seed);
  const rows = Array.from({length: homes}, (_, index) => {
    const words = random.shuffle(FILLER).slice(0, 6);
    const hasView = random.chance(0.4);
    const description = [...words, ...(hasView ? ['vista al mar'] : [])].join(', ');
    return {row: featureRow({listingId: `t:${index}`, groupId: `g${index}`, description}), hasView};
  });
  const residual = Float64Array.from(rows, ({hasView}) => (hasView ? 0.3 : -0.2) + 0.05 * random.normal());
  const part = Uint8Array.from(rows, (_, index) => index % 4);
  return {rows, residual, part, group: Int32Array.from(rows.keys())};
}

describe('termsOf', () => {
  const terms = (description: string | null) => termsOf(featureRow({description}));

  it('folds words, and pairs those that stand side by side', () => {
    expect(terms('Balcón amplio. ¡Baños!')).toEqual([
      'balcon',
      'amplio',
      'balcon amplio',
      'banos',
      'amplio banos',
    ]);
    expect(terms(null)).toEqual([]);
  });

  it('drops numbers, words with digits and names of people, and pairs across them', () => {
    const found = terms('Informes Luz Marina Restrepo 3001234567 apto302 cocina integral [TEL]');
    expect(found.join(' ')).not.toMatch(/\d|restrepo|marina|luz/);
    expect(found).toContain('cocina integral');
    expect(found).not.toContain('informes cocina');
  });
});

describe('fitText', () => {
  const {rows, residual, part, group} = writtenWorld(400, 1);
  const homes = rows.map(({row}) => row);
  const residuals = new Array(5).fill(residual);
  const encoder = fitText({rows: homes, group, part, residuals, seed: 1});
  const worth = textColumns(encoder).indexOf('text_worth');

  it('reads in the words what the attributes do not explain', () => {
    const fresh = writtenWorld(100, 2).rows;
    const means = [true, false].map(has => {
      const own = fresh
        .filter(({hasView}) => hasView === has)
        .map(({row}) => encodeText(encoder, row, 0)[worth]!);
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    });
    expect(means[0]! - means[1]!).toBeGreaterThan(0.35);
    expect(means[0]! - means[1]!).toBeLessThan(0.55);
  });

  it('gives directions of about unit size, and zeros without words', () => {
    for (let component = 0; component < encoder.rank; component++) {
      const squares = homes.map(row => encodeText(encoder, row, 0)[component]! ** 2);
      expect(squares.reduce((sum, value) => sum + value, 0) / homes.length).toBeCloseTo(1, 1);
    }
    const silent = encodeText(encoder, featureRow({description: null}), 0);
    expect(silent).toHaveLength(textColumns(encoder).length);
    expect(silent.every(value => value === 0)).toBe(true);
  });

  it('counts a text that a group repeats once: the phrase of one advertiser is no term', () => {
    const spam = homes.map((row, index) => {
      return index < 50 ? {...row, description: `${row.description} llame ya mismo`} : row;
    });
    const repeated = group.map((own, index) => (index < 50 ? 0 : own));
    const {terms} = fitText({rows: spam, group: repeated, part, residuals, seed: 1});
    expect(terms).toContain('vista');
    expect(terms).not.toContain('llame');
  });

  it('has weights without each part, and none without two', () => {
    const unlike = residual.map((value, row) => (part[row] === 1 ? 9 * value : value));
    const other = fitText({rows: homes, group, part, residuals: new Array(5).fill(unlike), seed: 1});
    const row = homes[1]!;
    expect(encodeText(other, row, 0b10)[worth]).toBe(encodeText(encoder, row, 0b10)[worth]);
    expect(encodeText(other, row, 0)[worth]).not.toBe(encodeText(encoder, row, 0)[worth]);
    expect(encodeText(encoder, row, 0b11)[worth]).toBe(0);
  });

  it('stays small, and survives JSON to the bit', () => {
    expect(JSON.stringify(encoder).length).toBeLessThan(100_000);
    const again = JSON.parse(JSON.stringify(encoder));
    for (const row of homes.slice(0, 20))
      expect(encodeText(again, row, 1)).toEqual(encodeText(encoder, row, 1));
  });
});
