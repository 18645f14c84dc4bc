import {describe, expect, it} from 'vitest';
import type {RedFlag} from '../../../../src/domain/vocabulary.ts';
import {type FlaggedScore, findRedFlags} from '../../../../src/ml/anomaly/red-flags.ts';
import {cautionFacts, featureRow} from '../../../support/housing-world.ts';

function flags(row: object, facts: object = {}, more: Partial<FlaggedScore> = {}) {
  return findRedFlags({
    ...{row: featureRow(row), facts: cautionFacts(facts), anomaly: 'below_normal', midCop: 400_000_000},
    ...{comparables: 12, fewComparables: false, contradiction: null, expectedAreaM2: null},
    ...more,
  });
}
const codes = (...given: Parameters<typeof flags>) => flags(...given).map(({code}) => code);
const PRICE = {priceCop: 280_000_000};

describe('findRedFlags', () => {
  it('finds nothing where nothing is odd', () => {
    expect(
      codes({
        ...PRICE,
        description: 'Hermoso apartamento de 80 m2 en Laureles, desde la sala se ve el cerro',
      }),
    ).toEqual([]);
  });

  it.each<[RedFlag, string]>([
    ['auction', 'Remate judicial de apartamento'],
    ['rights', 'Se venden derechos herenciales'],
    ['rights', 'casa sin escritura, con posesión'],
    ['from_price', 'Apartamentos desde 250 millones'],
    ['odd_area', 'amplio, 123 mts2, tres alcobas'],
  ])('%s: %s', (code, description) => {
    expect(codes({...PRICE, description})).toEqual([code]);
  });

  it('takes the area of the text that agrees, whatever else the text measures', () => {
    expect(codes({...PRICE, description: 'área 80,5 m2 más terraza de 30 m2'})).toEqual([]);
    expect(codes({...PRICE, description: 'a 200 metros del metro, a menos de 500 mts del parque'})).toEqual(
      [],
    );
    expect(flags({...PRICE, description: 'área 123 m2'})[0]?.text).toBe(
      'El texto habla de 123 m² y el aviso de 80 m²',
    );
  });

  it('reads words only where the price is remarkable, facts always', () => {
    const description = 'Remate judicial';
    expect(codes({description, isSharedPin: true}, {}, {anomaly: 'none'})).toEqual(['shared_pin']);
  });

  it('knows a rent, a lost zero and three too many', () => {
    expect(codes({priceCop: 2_000_000})).toEqual(['monthly_price']);
    expect(flags({priceCop: 41_000_000}).map(({text}) => text)).toEqual([
      'Pide unas diez veces menos de lo esperado: puede faltar un cero',
    ]);
    expect(flags({priceCop: 390_000_000_000}).map(({text}) => text)).toEqual([
      'Pide unas mil veces lo esperado: pueden sobrar tres ceros',
    ]);
    expect(codes({priceCop: 2_000_000, operation: 'rent'}, {}, {midCop: 400_000_000})).toEqual([]);
  });

  it('says which area to expect, or what is wrong with the one a bedroom', () => {
    expect(flags({areaM2: 800}, {}, {expectedAreaM2: 82.4}).map(({text}) => text)).toEqual([
      'Dice 800 m² donde se esperan unos 82 m²: revise el área',
    ]);
    expect(flags({...PRICE, areaM2: 20, bedrooms: 3})[0]?.text).toBe('7 m² por alcoba: revise el área');
  });

  it('uses what clean, match and enrich found, the gravest first', () => {
    const facts = {
      ...{
        isAuction: true,
        isProject: true,
        isOffPlan: true,
        priceStated: 280_000,
        priceCorrection: 'price_in_thousands',
      },
      ...{areaRules: ['area_lost_decimal'], conflicts: ['neighbourhood', 'stratum'], estimatedStratum: 3},
      siblings: {adverts: 2, lowestCop: 280_000_000, highestCop: 410_000_000},
    };
    const found = flags({...PRICE, isSharedPin: true}, facts, {fewComparables: true, comparables: 5});
    expect(found).toEqual([
      {code: 'auction', text: 'Es un remate o habla de uno: el precio es una base'},
      {code: 'project', text: 'Es un proyecto con varias unidades: el precio es "desde"'},
      {code: 'off_plan', text: 'Se vende sobre planos: se paga por cuotas'},
      {code: 'corrected_price', text: 'El aviso decía $280.000; se entendió $280.000.000'},
      {code: 'corrected_area', text: 'El área del aviso era dudosa; se usó 80 m²'},
      {code: 'wrong_point', text: 'El punto del mapa está fuera de Laureles, que es lo que dice el aviso'},
      {code: 'shared_pin', text: 'Muchos avisos comparten su punto en el mapa: puede estar en otro lugar'},
      {code: 'wrong_stratum', text: 'Dice estrato 5; alrededor es 3'},
      {code: 'other_price', text: 'El mismo inmueble está en otros 2 avisos, por $410.000.000'},
      {code: 'few_comparables', text: 'Solo 5 inmuebles parecidos: no alcanzan para juzgar el precio'},
    ]);
  });

  it('tells another price of the home from one more advert', () => {
    const siblings = {adverts: 1, lowestCop: 281_000_000, highestCop: 281_000_000};
    expect(flags(PRICE, {siblings})).toEqual([
      {code: 'many_adverts', text: 'El mismo inmueble está en otro aviso'},
    ]);
  });

  it('says where the point should be', () => {
    const contradiction = {place: 'Laureles', metres: 3460, homes: 40};
    expect(flags(PRICE, {}, {contradiction})[0]?.text).toBe(
      'El punto del mapa está a 3,5 km de los otros avisos de Laureles',
    );
    expect(flags(PRICE, {conflicts: ['municipality']}, {contradiction})[0]?.text).toBe(
      'El punto del mapa está fuera de Medellín, que es lo que dice el aviso',
    );
  });
});
