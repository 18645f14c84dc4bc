import {describe, expect, it} from 'vitest';
import {contradictStatedPlace, fitStatedPlaces} from '../../../../src/ml/anomaly/stated-place.ts';
import {featureRow, knownWorld} from '../../../support/housing-world.ts';

const world = knownWorld({homes: 400, seed: 3});
const places = fitStatedPlaces(world);
const laureles = {neighbourhood: 'Laureles', district: null, groupId: 'asked'};

describe('contradictStatedPlace', () => {
  it('doubts few points of the homes it was fitted on', () => {
    const doubted = world.filter(row => contradictStatedPlace(places, row) !== null);
    expect(doubted.length / world.length).toBeLessThan(0.03);
  });

  it('finds homes that stand where another place is', () => {
    const robledo = world.filter(({neighbourhood}) => neighbourhood === 'Robledo').slice(0, 30);
    const found = robledo.filter(row => contradictStatedPlace(places, {...row, ...laureles}) !== null);
    expect(found.length / robledo.length).toBeGreaterThan(0.9);
    const [first] = found;
    expect(contradictStatedPlace(places, {...first!, ...laureles})).toMatchObject({place: 'Laureles'});
  });

  it('is not misled by two adverts with the same wrong point', () => {
    const wrong = {...laureles, latitude: 6.28, longitude: -75.59};
    const spoilt = [...world, featureRow({...wrong, groupId: 'a'}), featureRow({...wrong, groupId: 'b'})];
    expect(contradictStatedPlace(fitStatedPlaces(spoilt), featureRow(wrong))?.metres).toBeGreaterThan(2000);
  });

  it.each([
    ['a place that few adverts state', {...laureles, neighbourhood: 'Nowhere'}],
    ['no point', {...laureles, latitude: null, longitude: null}],
    ['a shared pin', {...laureles, latitude: 6.35, isSharedPin: true}],
  ])('says nothing with %s', (_what, changes) => {
    expect(contradictStatedPlace(places, featureRow(changes))).toBeNull();
  });

  it('does not depend on the order of the adverts', () => {
    const far = featureRow({...laureles, latitude: 6.35});
    expect(contradictStatedPlace(fitStatedPlaces(world.toReversed()), far)).toEqual(
      contradictStatedPlace(places, far),
    );
  });
});
