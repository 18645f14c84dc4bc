/** Who advertises a home, and what personal strings slip into the advert with them. */
import type {Operation} from '../../domain/vocabulary.ts';
import type {Random} from '../../lib/random.ts';
import {slugify} from '../../lib/spanish.ts';
import {createPerson, createPrivateAdvertiser, type Person, PHONE_FORMS} from './people.ts';
import {barrioBySlug} from './places.ts';
import {contactSentence, type PlantedText} from './texts.ts';
import type {Advert, Advertiser, Property, Statement} from './truth.ts';

/** Adverts of one market draw on the same companies, and number their persons in one series. */
export interface AdvertisingWorld {
  readonly agencies: readonly Advertiser[];
  readonly developers: readonly Advertiser[];
  readonly nextPersonSerial: () => number;
}

interface Voice {
  readonly advertiser: Advertiser;
  readonly seller: Advert['seller'];
  readonly slugSuffix: string;
  readonly stated: Statement;
  readonly planted: readonly PlantedText[];
}

interface Wording {
  readonly stated: Statement;
  readonly operation: Operation;
  /** False where the text is mangled: a name in it would not stand there as planted. */
  readonly canPlantText: boolean;
}

/** 264 of 7,743 adverts of 2023, 911 of 20,253 of 2026. */
const PRIVATE_SHARE = 0.05;

/** Offset of unit numbers in descriptions, so that they never equal those in addresses. */
const TEXT_UNITS = 4000;

export function speak(random: Random, world: AdvertisingWorld, wording: Wording): Voice {
  return random.chance(PRIVATE_SHARE)
    ? speakPrivately(random, world, wording)
    : speakAsAgency(random, world, wording);
}

function speakPrivately(random: Random, world: AdvertisingWorld, wording: Wording): Voice {
  const serial = world.nextPersonSerial();
  const person = createPerson(random, serial);
  const {advertiser, planted: owned} = createPrivateAdvertiser(random, person, serial);
  const {stated, planted: written} = writePersonally(random, wording, person, serial);
  const planted = [...owned, ...written];
  let slugSuffix = '';
  if (advertiser.isPerson && random.chance(0.35)) {
    slugSuffix = slugify(person.name);
    planted.push({text: slugSuffix, kind: 'name', where: 'slug'});
  }
  if (!random.chance(0.2)) return {advertiser, seller: null, slugSuffix, stated, planted};
  planted.push(
    {text: person.name, kind: 'name', where: 'seller'},
    {text: person.phone, kind: 'phone', where: 'seller'},
    {text: person.email, kind: 'email', where: 'seller'},
  );
  return {advertiser, seller: person, slugSuffix, stated, planted};
}

/** Title, description and address as private sellers fill them in. */
function writePersonally(
  random: Random,
  {stated, operation, canPlantText}: Wording,
  person: Person,
  serial: number,
): Pick<Voice, 'stated' | 'planted'> {
  const planted: PlantedText[] = [];
  let {title, description, address} = stated;
  if (canPlantText && random.chance(0.75)) {
    const sentence = contactSentence(random, person, serial + TEXT_UNITS);
    description += sentence.text;
    planted.push(...sentence.planted);
  }
  if (random.chance(0.12)) {
    const phone = random.pick(PHONE_FORMS.slice(0, 6))(person.phone);
    title += ` - Cel ${phone}`;
    planted.push({text: phone, kind: 'phone', where: 'title'});
  } else if (random.chance(0.08)) {
    title += `. ${operation === 'sale' ? 'Vende' : 'Arrienda'} ${person.name}`;
    planted.push({text: person.name, kind: 'name', where: 'title'});
  }
  if (random.chance(0.35)) {
    const unit = `Apto ${2000 + serial}`;
    address += ` ${unit}`;
    planted.push({text: unit, kind: 'unit', where: 'address'});
  }
  return {stated: {...stated, title, description, address}, planted};
}

function speakAsAgency(random: Random, world: AdvertisingWorld, {stated, canPlantText}: Wording): Voice {
  const advertiser = random.pick(world.agencies);
  const silent = {advertiser, seller: null, slugSuffix: '', stated, planted: []};
  if (!canPlantText || !random.chance(0.06)) return silent;
  const serial = world.nextPersonSerial();
  const sentence = contactSentence(random, createPerson(random, serial), serial + TEXT_UNITS);
  const description = stated.description + sentence.text;
  return {...silent, stated: {...stated, description}, planted: sentence.planted};
}

/** A developer's project: the price of its cheapest unit stands for all. */
export function speakAsProject(
  random: Random,
  world: AdvertisingWorld,
  stated: Statement,
  property: Property,
): Voice {
  const name = barrioBySlug(property.municipality, property.barrio).name;
  const title = `Proyecto Mirador de ${name} desde ${Math.round(stated.price / 1_000_000)} millones`;
  const price = Math.round((stated.price * random.between(0.75, 0.9)) / 1_000_000) * 1_000_000;
  return {
    advertiser: random.pick(world.developers),
    seller: null,
    slugSuffix: '',
    stated: {...stated, title, price, isProject: true, isNew: true, antiquity: 0, floor: 0},
    planted: [],
  };
}
