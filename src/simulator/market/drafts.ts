/** What somebody advertises about a home, before it gets a number and a life online. */
import {HOME_TYPES, type Operation} from '../../domain/vocabulary.ts';
import type {Random} from '../../lib/random.ts';
import {DIRT_RATES, spoil} from './dirt.ts';
import {addressOf, describeProperty, type PlantedText, titleOf} from './texts.ts';
import type {Advert, Label, Property, Statement} from './truth.ts';
import {type AdvertisingWorld, speak, speakAsProject} from './voices.ts';

/** A home that is offered, and for how much: all its adverts start from here. */
export interface Offered {
  readonly property: Property;
  readonly operation: Operation;
  /** COP, rounded as people round. */
  readonly askingPrice: number;
  readonly isBargain: boolean;
}

export type AdvertDraft = Pick<
  Advert,
  | 'propertyId'
  | 'operation'
  | 'propertyType'
  | 'place'
  | 'advertiser'
  | 'seller'
  | 'slugSuffix'
  | 'stated'
  | 'labels'
> & {readonly planted: readonly PlantedText[]};

const BARGAIN_RATE = 0.018;

/** Sales end in whole millions, mostly fives; rents in 10,000, mostly 50,000. */
function roundPrice(random: Random, price: number, operation: Operation): number {
  const fine = operation === 'sale' ? 1_000_000 : 10_000;
  const step = random.chance(0.6) ? fine * 5 : fine;
  return Math.max(fine, Math.round(price / step) * step);
}

export function offerHome(
  random: Random,
  property: Property,
  operation: Operation,
  priceLevel: number,
): Offered {
  const value = (operation === 'sale' ? property.saleValueCop : property.rentValueCop) * priceLevel;
  const isHome = HOME_TYPES.some(type => type === property.propertyType);
  const isBargain = isHome && random.chance(BARGAIN_RATE);
  if (isBargain) {
    const fine = operation === 'sale' ? 1_000_000 : 10_000;
    const ratio = random.between(0.61, 0.745);
    return {property, operation, askingPrice: Math.round((value * ratio) / fine) * fine, isBargain};
  }
  const asked = value * Math.exp(random.normal(0, isHome ? 0.11 : 0.3));
  return {property, operation, askingPrice: roundPrice(random, asked, operation), isBargain};
}

function antiquityOf(ageYears: number): number {
  if (ageYears < 1) return 1;
  if (ageYears <= 8) return 2;
  if (ageYears <= 15) return 3;
  return ageYears <= 30 ? 4 : 5;
}

/** What a careful advertiser would state; `isFull` leaves nothing out. */
function stateHonestly(
  random: Random,
  {property, operation, askingPrice}: Offered,
  isFull: boolean,
): Statement {
  const states = (rate: number): boolean => isFull || random.chance(rate);
  const barrio = states(0.85) ? property.barrio : null;
  const private_ = random.weighted([
    [property.areaM2, 5],
    [Math.round(property.areaM2 * 0.93), 2],
    [0, 3],
  ]);
  return {
    title: titleOf(property, operation, barrio),
    description: describeProperty(random, property, operation),
    address: addressOf(random),
    barrio,
    price: askingPrice,
    currency: 'COP',
    hidePrice: false,
    adminFeeCop: states(operation === 'sale' ? 0.6 : 0.3) ? property.adminFeeCop : 0,
    point: property.point,
    builtAreaM2: property.areaM2,
    privateAreaM2: private_,
    bedrooms: property.bedrooms,
    bathrooms: property.bathrooms,
    parkingSpaces: states(operation === 'sale' ? 0.8 : 0.5) ? property.parkingSpaces : 0,
    floor: states(0.55) ? (property.floor ?? 0) : 0,
    floorsCount: states(0.5) ? property.floorsCount : 0,
    stratum: property.stratum,
    antiquity: states(0.85) ? antiquityOf(property.ageYears) : 0,
    isNew: property.ageYears < 1 && random.chance(0.7),
    isProject: false,
    amenities: property.amenities,
    photosCount: random.int(3, 28),
  };
}

const BARGAIN_FIELDS = {field: 'price', untilDay: null} as const;

/** One advertiser's advert of a home. Bargains are stated in full and without any error. */
export function draftAdvert(
  random: Random,
  world: AdvertisingWorld,
  offered: Offered,
  base?: Statement,
): AdvertDraft {
  const {property, operation, isBargain} = offered;
  const honest = base ?? stateHonestly(random, offered, isBargain);
  const facts = {
    propertyId: property.id,
    operation,
    propertyType: property.propertyType,
    place: `antioquia/${property.municipality}`,
  };
  const value = operation === 'sale' ? property.saleValueCop : property.rentValueCop;
  const bargain: Label = {kind: 'bargain', ...BARGAIN_FIELDS, ratio: offered.askingPrice / value};
  if (
    !isBargain &&
    operation === 'sale' &&
    property.propertyType === 'apartment' &&
    random.chance(DIRT_RATES.project_from_price * 2)
  ) {
    const project: Label = {kind: 'project_from_price', field: 'price', untilDay: null, ratio: null};
    return {...facts, ...speakAsProject(random, world, honest, property), labels: [project]};
  }
  const {stated, labels} = isBargain
    ? {stated: honest, labels: [bargain]}
    : spoil(random, honest, property, {operation});
  const canPlantText = !labels.some(label => label.kind === 'description_mojibake');
  return {...facts, ...speak(random, world, {stated, operation, canPlantText}), labels};
}

/** What a second advertiser of the same home states: often the very same values, else a little different ones. */
export function copyStatement(random: Random, offered: Offered, first: Statement): Statement {
  const own = stateHonestly(random, offered, false);
  const sameText = random.chance(0.4) ? first.description : own.description;
  if (random.chance(0.6)) return {...first, description: sameText, photosCount: own.photosCount};
  const shift = offered.operation === 'sale' ? random.between(-0.02, 0.02) : random.between(-0.03, 0.03);
  const area = Math.max(10, first.builtAreaM2 + random.pick([-1, 0, 1]));
  return {
    ...own,
    builtAreaM2: area,
    privateAreaM2: own.privateAreaM2 === 0 ? 0 : Math.min(area, own.privateAreaM2),
    price: roundPrice(random, first.price * (1 + shift), offered.operation),
  };
}

/** The honest statement that all adverts of one home go back to. */
export function firstStatement(random: Random, offered: Offered): Statement {
  return stateHonestly(random, offered, offered.isBargain);
}
