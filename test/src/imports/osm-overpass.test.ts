import {describe, expect, test} from 'vitest';
import {ConfigError} from '../../../src/domain/errors.ts';
import {isOverpass, middleOf, readOverpass} from '../../../src/imports/osm-overpass.ts';

const line = [
  {lat: 6.2, lon: -75.6},
  {lat: 6.21, lon: -75.59},
];
const shapes = (...elements: object[]) =>
  readOverpass({elements}, 'answer.json').map(({where, shape}) => ({where, shape}));

describe('readOverpass', () => {
  test('a node is a point with its tags and id', () => {
    const [school] = readOverpass(
      {elements: [{type: 'node', id: 5, lat: 6.25, lon: -75.57, tags: {amenity: 'school', name: 'Ñ'}}]},
      'answer.json',
    );
    expect(school).toEqual({
      where: 'node/5',
      fields: {amenity: 'school', name: 'Ñ', osm_type: 'node', osm_id: '5'},
      shape: {type: 'point', latitude: 6.25, longitude: -75.57},
    });
  });

  test('a road keeps its line, parts outside the asked box left out; anything else becomes a point', () => {
    const road = {type: 'way', id: 1, geometry: [null, ...line], tags: {highway: 'primary'}};
    const campus = {type: 'way', id: 2, geometry: line, tags: {amenity: 'school'}};
    const centred = {type: 'relation', id: 3, center: {lat: 6.3, lon: -75.5}, tags: {leisure: 'park'}};
    const nowhere = {type: 'relation', id: 4, tags: {leisure: 'park'}};
    expect(shapes(road, campus, centred, nowhere)).toEqual([
      {
        where: 'way/1',
        shape: {
          type: 'line',
          lines: [
            [
              [-75.6, 6.2],
              [-75.59, 6.21],
            ],
          ],
        },
      },
      {
        where: 'way/2',
        shape: {type: 'point', latitude: expect.closeTo(6.205, 9), longitude: expect.closeTo(-75.595, 9)},
      },
      {where: 'relation/3', shape: {type: 'point', latitude: 6.3, longitude: -75.5}},
      {where: 'relation/4', shape: null},
    ]);
  });

  test('corners without tags are left out', () => {
    expect(shapes({type: 'node', id: 6, lat: 6.2, lon: -75.6})).toEqual([]);
  });

  test.each([
    ['timed out', {remark: 'runtime error: Query timed out', elements: []}, /is not whole.*timed out/],
    ['out of memory', {remark: 'Query run out of memory', elements: []}, /is not whole/],
    ['no id', {elements: [{type: 'node', lat: 6.2, lon: -75.6}]}, /not an Overpass answer: elements\.0\.id/],
    ['an area', {elements: [{type: 'area', id: 3}]}, /not an Overpass answer: elements\.0\.type/],
  ])('%s: refused with the file named', (_, value, message) => {
    const read = () => readOverpass(value, 'answer.json');
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^answer\.json/);
  });

  test('a remark that says nothing wrong is let pass', () => {
    expect(readOverpass({remark: 'data of 2026-02-27', elements: []}, 'answer.json')).toEqual([]);
  });
});

test('an Overpass answer is told by its elements', () => {
  expect(isOverpass({elements: []})).toBe(true);
  expect(isOverpass({type: 'FeatureCollection', features: []})).toBe(false);
  expect(isOverpass(null)).toBe(false);
});

test('the middle is that of the box, however many corners one side has', () => {
  const vertices = [
    [-75.6, 6.2],
    [-75.5, 6.3],
    [-75.5, 6.3],
  ];
  expect(middleOf(vertices)).toEqual({
    type: 'point',
    latitude: expect.closeTo(6.25, 9),
    longitude: expect.closeTo(-75.55, 9),
  });
});
