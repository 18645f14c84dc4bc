import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Command} from 'commander';
import {parse} from 'csv-parse/sync';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {trainStage} from '../../../../pipelines/train/stage.ts';
import {modelCommand} from '../../../../src/cli/commands/model.ts';
import {valueCommand} from '../../../../src/cli/commands/value.ts';
import type {Database} from '../../../../src/db/client.ts';
import {loadReferenceData} from '../../../../src/imports/reference.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {knownWorld} from '../../../support/housing-world.ts';
import {saveWorld, WORLD_SEEN_AT} from '../../../support/saved-world.ts';

const rows = knownWorld({homes: 450, seed: 1});
let database: Database;
const program = () => new Command('raiz').addCommand(valueCommand()).addCommand(modelCommand());
const {folder, run: runRaiz} = commandBench(program, () => database);
const run = (...args: string[]) => runRaiz('value', ...args);
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  database = await testDatabase();
  await saveWorld(database, [...rows, {...rows[0]!, listingId: 'test:id:lot', propertyType: 'land'}]);
  await loadReferenceData(database);
  await trainStage.run(database, {now: () => WORLD_SEEN_AT, dataDir: folder});
}, 240_000);
afterAll(async () => {
  await database.close();
});

interface ValueJson {
  readonly status: string;
  readonly lowCop: number;
  readonly midCop: number;
  readonly highCop: number;
  readonly difference: {typicalCop: number; parts: {cop: number}[]; restCop: number};
  readonly reasons: {code: string; text: string}[];
  readonly standing: {askingCop: number; gapPct: number; position: string} | null;
  readonly comparables: {count: number; homes: Record<string, unknown>[]};
  readonly missing?: string[];
  readonly notes: string[];
  readonly isOutOfFold: boolean;
  readonly [field: string]: unknown;
}
const ask = async (...args: string[]): Promise<ValueJson> => JSON.parse(await run(...args, '--json'));
const HOME = ['--type', 'apartamento', '--area', '80', '--neighbourhood', 'laureles', '--stratum', '5'];
const ROOMS = ['--bedrooms', '3', '--bathrooms', '2', '--parking', '1'];

describe('a stored advert', () => {
  test('range, standing, comparables and reasons that add up, by folds that never saw it', async () => {
    const asked = rows[40]!;
    const value = await ask(asked.listingId);
    expect(value).toMatchObject({
      status: 'valued',
      isSynthetic: true,
      isOutOfFold: true,
      dataUntil: '2026-01-10',
    });
    expect(value.lowCop).toBeLessThan(value.midCop);
    expect(value.midCop).toBeLessThan(value.highCop);
    expect(value.standing).toMatchObject({askingCop: asked.priceCop});
    expect(value.standing!.gapPct).toBeCloseTo((asked.priceCop / value.midCop - 1) * 100, 6);
    expect(value.comparables.count).toBeGreaterThanOrEqual(8);
    expect(value.comparables.homes).toHaveLength(value.comparables.count);
    expect(value.comparables.homes[0]).toMatchObject({lastSeenOn: '2026-01-10', perM2: expect.any(Number)});
    expect(value.comparables.homes.map(({listingId}) => listingId)).not.toContain(asked.listingId);
    const {typicalCop, parts, restCop} = value.difference;
    const sum = parts.reduce((total, {cop}) => total + cop, typicalCop + restCop);
    expect(Math.abs(sum - value.midCop)).toBeLessThan(2);
    expect(value.reasons[0]!.code).toBe('typical_price');
  });

  test('as text, marked SIMULADO, with the model and the date of the data', async () => {
    const text = await run(rows[40]!.listingId);
    expect(text).toMatch(/^SIMULADO/);
    expect(text).toMatch(/Rango justo \(80 %\): [\d,]+ M a [\d,]+ M/);
    expect(text).toMatch(/Comparables: \d+ a menos de 1,5 km/);
    expect(text).toMatch(/Modelo \w+ \(sale-.*avisos vistos hasta el 2026-01-10/);
    expect(text).toContain('Son precios pedidos en avisos, no precios de cierre.');
  });

  test('by the address of its page, looked up and never fetched', async () => {
    await expect(run('https://www.fincaraiz.com.co/apartamento-en-venta/193349683')).rejects.toThrow(
      /no listing "fincaraiz:id:193349683" was ever seen here, and none is fetched/,
    );
    await expect(run('https://www.example.com/home/1')).rejects.toThrow(
      /no portal of that address is read here/,
    );
    await expect(run('https://www.fincaraiz.com.co/')).rejects.toThrow(/not one of an advert's page/);
  });

  test('land has no model, and that is said', async () => {
    expect(await ask('test:id:lot')).toEqual({
      status: 'insufficient_data',
      propertyType: 'land',
      missing: ['no model prices land'],
    });
    expect(await run('test:id:lot')).toContain(
      'Datos insuficientes: ningún modelo valora este tipo de inmueble (lote).',
    );
  });
});

describe('a described home', () => {
  test('is priced by the rule of the world it stands in', async () => {
    const value = await ask(
      ...HOME,
      ...ROOMS,
      '--lat',
      '6.245',
      '--lon',
      '-75.59',
      '--asking',
      '450M',
      '--amenities',
      'Ascensor',
    );
    // log COP/m² = 15.4 − 0.25 (ln 80 − 4.4) + 0.07 · 2 + 0.12
    const truth = Math.exp(15.4 - 0.25 * (Math.log(80) - 4.4) + 0.26) * 80;
    expect(Math.abs(value.midCop / truth - 1)).toBeLessThan(0.1);
    expect(value).toMatchObject({status: 'valued', isOutOfFold: false, standing: {askingCop: 450e6}});
    expect(value.home).toMatchObject({neighbourhood: 'Laureles', municipality: 'Medellín', askingCop: 450e6});
  });

  test('money as people write it; without a point the barrio stands for it', async () => {
    const value = await ask(...HOME, ...ROOMS, '--asking', '1,2 mil millones');
    expect(value.standing).toMatchObject({askingCop: 1.2e9, position: 'above'});
    expect(value.standing!.gapPct).toBeGreaterThan(50);
    expect((await ask(...HOME, ...ROOMS)).standing).toBeNull();
  });

  test('one more bathroom is worth what the world gives for it', async () => {
    const two = await ask(...HOME, ...ROOMS);
    const three = await ask(...HOME, '--bedrooms', '3', '--bathrooms', '3', '--parking', '1');
    expect(three.midCop / two.midCop).toBeGreaterThan(1.02);
    expect(three.midCop / two.midCop).toBeLessThan(1.12);
  });

  test('too few comparables: no range, and what is missing', async () => {
    const value = await ask(
      '--type',
      'apartment',
      '--area',
      '700',
      '--neighbourhood',
      'Laureles',
      '--stratum',
      '5',
    );
    expect(value).toMatchObject({status: 'insufficient_data', lowCop: null, midCop: null, highCop: null});
    expect(value.missing![0]).toMatch(/^8 inmuebles comparables .*: hay 0 a menos de 6 km$/);
    expect(value.missing![1]).toMatch(/^un punto propio en el mapa/);
    const text = await run('--type', 'apartment', '--area', '700', '--neighbourhood', 'Laureles');
    expect(text).toContain('Datos insuficientes para dar un rango. Falta:');
    expect(text).not.toContain('Rango justo');
  });

  test('an unknown estrato is said, and types without a model are refused', async () => {
    const {notes} = await ask('--type', 'apartment', '--area', '80', '--neighbourhood', 'Laureles');
    expect(notes.join()).toContain('No se dijo el estrato');
    expect(await ask('--type', 'lote', '--area', '500')).toMatchObject({
      status: 'insufficient_data',
      propertyType: 'land',
    });
  });

  test.each([
    [['--type', 'apartment', '--area', '0'], /no such home can be valued: an area of 0 m² can't be/],
    [['--type', 'apartment', '--area', '90000'], /an area of 90000 m² can't be/],
    [['--type', 'apartment', '--area', '-5'], /--area "-5" is not understood/],
    [['--type', 'palacio', '--area', '80'], /--type "palacio" is not understood/],
    [['--area', '80'], /--type is needed/],
    [['--type', 'house'], /--area is needed/],
    [[...HOME, '--stratum', '9'], /--stratum "9" is not understood: write an estrato from 1 to 6/],
    [[...HOME, '--asking', '450'], /--asking "450" is not understood: write pesos, as 450M/],
    [[...HOME, '--lat', '6.2'], /a point needs both --lat and --lon/],
    [
      ['--type', 'house', '--area', '80', '--neighbourhood', 'Lauerles'],
      /no neighbourhood "Lauerles" is known in Medellín. Did you mean Laureles/,
    ],
    [
      ['--type', 'house', '--area', '80', '--municipality', 'Envigao'],
      /no municipality "Envigao" is known. Did you mean Envigado/,
    ],
    [['--operation', 'rent', ...HOME], /no model prices rents here yet \(there is one for sale\)/],
    [[], /what is to be valued\?/],
    [['test:id:1', ...HOME], /value one thing at a time/],
    [['test:id:1', '--operation', 'rent'], /test:id:1 is not offered for rent/],
    [['--file', 'x.csv'], /--file needs --out/],
    [[...HOME, '--out', 'x.csv'], /--out goes with --file/],
  ])('%j is refused with what to do', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });
});

describe('--plot', () => {
  test('draws reasons, range and comparables; overwrites only when told', async () => {
    await run(...HOME, ...ROOMS, '--asking', '450M', '--plot', path('value.svg'));
    const svg = readFileSync(path('value.svg'), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain('SIMULADO');
    expect(svg).toContain('Un apartamento típico de Laureles');
    expect(svg.match(/<circle/g)!.length).toBeGreaterThanOrEqual(8);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    await expect(run(...HOME, '--plot', path('value.svg'))).rejects.toThrow(/is there already/);
    await run(...HOME, '--plot', path('value.svg'), '--force');
    expect(readFileSync(path('value.svg'), 'utf8')).not.toBe(svg);
    await expect(run(...HOME, '--plot', path('value.png'))).rejects.toThrow(/pictures are SVG/);
    await expect(run('--type', 'apartment', '--area', '700', '--plot', path('none.svg'))).rejects.toThrow(
      /insufficient data: there is no range to draw/,
    );
  });
});

describe('--file', () => {
  const table = (name: string): Record<string, string>[] =>
    parse(readFileSync(path(name)), {columns: true, skip_empty_lines: true});
  const valueFile = async (name: string, text: string, ...flags: string[]) => {
    writeFileSync(path(name), text);
    const report = JSON.parse(
      await run('--file', path(name), '--out', path(`${name}.out`), '--json', ...flags),
    );
    return {report, rows: table(`${name}.out`)};
  };
  // A stated 0 is "not stated" to the clean stage, which these saved rows never passed.
  const known = rows.find(({parkingSpaces}) => parkingSpaces === 1)!;

  test("Raíz' own columns: values and reasons a row, what is wrong with a row beside it", async () => {
    const {report, rows: valued} = await valueFile(
      'own.csv',
      'listing_id,property_type,area_m2,municipality,neighbourhood,latitude,longitude,stratum,bedrooms,bathrooms,parking_spaces,price_cop,mine\n' +
        `,apartment,80,Medellín,Laureles,6.245,-75.59,5,3,2,1,450000000,a\n` +
        ',apartment,0,Medellín,Laureles,,,5,3,2,1,450000000,b\n' +
        ',land,500,Medellín,Laureles,,,,,,,,c\n' +
        ',apartment,eighty,Medellín,Laureles,,,5,3,2,1,,d\n' +
        ',apartment,700,Medellín,Laureles,,,5,3,2,1,,e\n' +
        ',apartment,80,Medellín\n' +
        `${known.listingId},apartment,${known.areaM2},Medellín,${known.neighbourhood},${known.latitude},${known.longitude},${known.stratum},${known.bedrooms},${known.bathrooms},${known.parkingSpaces},${known.priceCop},g\n` +
        `${known.listingId},apartment,${known.areaM2 + 3},Medellín,${known.neighbourhood},${known.latitude},${known.longitude},${known.stratum},${known.bedrooms},${known.bathrooms},${known.parkingSpaces},,h\n`,
    );
    expect(report).toMatchObject({
      rows: 8,
      valued: 3,
      insufficientData: 2,
      errors: 3,
      mapping: 'raiz',
      isSynthetic: true,
    });
    expect(valued.map(row => [row.mine, row.value_status])).toEqual([
      ['a', 'valued'],
      ['b', 'error'],
      ['c', 'insufficient_data'],
      ['d', 'error'],
      ['e', 'insufficient_data'],
      ['', 'error'],
      ['g', 'valued'],
      ['h', 'valued'],
    ]);
    const [first, zero, land, word, lonely, short, same, changed] = valued;
    expect(zero!.value_message).toContain("an area of 0 m² can't be");
    expect(land!.value_message).toBe('no model prices land');
    expect(word!.value_message).toBe('no area is stated');
    expect(lonely!.value_message).toContain('8 inmuebles comparables');
    expect(short!.value_message).toBe('row_shape: 4 cells where the header has 13 columns');
    const described = await ask(...HOME, ...ROOMS, '--lat', '6.245', '--lon', '-75.59', '--asking', '450M');
    expect(first).toMatchObject({
      value_low_cop: String(described.lowCop),
      value_mid_cop: String(described.midCop),
      value_high_cop: String(described.highCop),
      value_position: described.standing!.position,
      value_basis: 'model',
    });
    const parts = ['location', 'stratum', 'area', 'rooms', 'condition', 'amenities', 'text', 'fees', 'rest'];
    const sum = parts.reduce((total, part) => total + Number(first![`value_${part}_cop`]), 0);
    expect(sum).toBe(Number(first!.value_mid_cop) - Number(first!.value_typical_cop));
    // An advert of the training speaks out of fold; another home under its id doesn't.
    expect(same).toMatchObject({value_basis: 'out_of_fold'});
    expect(same!.value_mid_cop).toBe(String((await ask(known.listingId)).midCop));
    expect(changed).toMatchObject({value_basis: 'model'});
    expect(readdirSync(folder).filter(name => name.endsWith('.partial'))).toEqual([]);
  });

  test('a known shape is recognised by its columns', async () => {
    const columns =
      'property_id,property_type,city,zone,neighbourhood,longitude,latitude,area,rooms,baths,garages,stratum,client_type,is_new,price,min_price';
    const {report, rows: valued} = await valueFile(
      'shape.csv',
      `${columns}\nabc,APARTAMENTO,Medellín,,Laureles,6.245,-75.59,80,3,2,1,5,BROKER,False,450000000,\nabc,APARTAMENTO,Medellín,,Laureles,6.245,-75.59,96,3,2,1,5,BROKER,False,450000000,\n`,
    );
    expect(report).toMatchObject({mapping: 'fincaraiz-2023', rows: 2, valued: 2});
    expect(Number(valued[0]!.value_mid_cop)).toBeGreaterThan(3e8);
    // The same advert on another day: each row has its own value.
    expect(valued.map(row => row.property_id)).toEqual(['abc', 'abc']);
    expect(Number(valued[1]!.value_mid_cop)).toBeGreaterThan(Number(valued[0]!.value_mid_cop));
  });

  test('a mapping reads any other; a file of no known shape is refused before anything is written', async () => {
    const text = 'codigo,tipo,m2,barrio\n1,Apartamento,80,Laureles\n';
    await expect(valueFile('other.csv', text)).rejects.toThrow(/its columns are those of no known shape/);
    expect(existsSync(path('other.csv.out'))).toBe(false);
    writeFileSync(
      path('map.json'),
      JSON.stringify({
        ...{name: 'mine', portal: 'mine', idSpace: 'id'},
        scope: {operation: 'sale', propertyType: 'by row', place: 'antioquia/medellin'},
        fields: {
          ...{portalListingId: 'codigo', propertyType: 'tipo', builtAreaM2: 'm2', neighbourhood: 'barrio'},
          municipality: {value: 'Medellín'},
        },
        offers: {operations: {value: 'venta'}, price: {}},
      }),
    );
    const {report} = await valueFile('other.csv', text, '--map', path('map.json'));
    expect(report).toMatchObject({mapping: 'mine', valued: 1});
  });

  test('overwrites only when told; a value of a value replaces the columns; nothing half-written stays', async () => {
    const text = 'property_type,area_m2,neighbourhood\napartment,80,Laureles\n';
    await valueFile('again.csv', text);
    await expect(valueFile('again.csv', text)).rejects.toThrow(/again.csv.out is there already/);
    await valueFile('again.csv', readFileSync(path('again.csv.out'), 'utf8'), '--force');
    const [header = ''] = readFileSync(path('again.csv.out'), 'utf8').split('\n');
    expect(header.split(',').filter(name => name === 'value_mid_cop')).toHaveLength(1);
    await expect(run('--file', path('again.csv'), '--out', path('again.csv'))).rejects.toThrow(
      /would overwrite/,
    );
    await expect(valueFile('empty.csv', 'property_type,area_m2\n')).rejects.toThrow(/no rows/);
    expect(existsSync(path('empty.csv.out'))).toBe(false);
    expect(readdirSync(folder).filter(name => name.endsWith('.partial'))).toEqual([]);
  });
});

describe('raiz model glass-box', () => {
  test('says cost, effects, bias and answers of the champion', async () => {
    const text = await runRaiz('model', 'glass-box');
    expect(text).toMatch(/leer cuesta [+−]\d+,\d\d puntos \(95 %: /);
    expect(text).toMatch(/baños +3 +\d+ +[+−]\d+,\d %/);
    expect(text).toMatch(/Sesgo por estrato/);
    expect(text).toMatch(/un baño más +\d+ +3,0 %/);
    const json = JSON.parse(await runRaiz('model', 'glass-box', '--json'));
    expect(json.glassBox.mdape).toBeLessThan(0.12);
    expect(json.bias.map(({by}: {by: string}) => by)).toContain('district');
    expect(json.counterfactuals[0].violations).toBeLessThanOrEqual(0.05 * json.counterfactuals[0].homes);
  });

  test('of a model or operation that is not there: what to do', async () => {
    await expect(runRaiz('model', 'glass-box', 'nobody')).rejects.toThrow(/no model "nobody" here/);
    await expect(runRaiz('model', 'glass-box', '--operation', 'rent')).rejects.toThrow(
      /no model prices rents here/,
    );
  });
});
