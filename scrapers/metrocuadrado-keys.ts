/** Names of what an advert of Metrocuadrado states, in search items and on listing pages. */
import type {Operation} from '../src/domain/vocabulary.ts';

/** Under which keys each of the two objects states the same thing. Of two keys the second is what a project states instead. */
export interface Keys {
  readonly id: string;
  readonly type: string;
  readonly business: string;
  readonly price: Readonly<Record<Operation, string>>;
  readonly priceFrom: string;
  readonly area: readonly string[];
  readonly builtArea: readonly string[];
  readonly projectArea: string;
  readonly bedrooms: readonly string[];
  readonly bathrooms: readonly string[];
  readonly parking: string;
  readonly city: string;
  readonly zone: string;
  readonly barrio: string;
  readonly commonBarrio: string;
  readonly state: string;
  readonly stratum: string;
  readonly point: string;
}

export const SEARCH_KEYS: Keys = {
  id: 'midinmueble',
  type: 'mtipoinmueble',
  business: 'mtiponegocio',
  price: {sale: 'mvalorventa', rent: 'mvalorarriendo'},
  priceFrom: 'mvalorventa',
  area: ['marea'],
  builtArea: ['mareac'],
  projectArea: 'areaprivada',
  bedrooms: ['mnrocuartos'],
  bathrooms: ['mnrobanos'],
  parking: 'mnrogarajes',
  city: 'mciudad',
  zone: 'mzona',
  barrio: 'mbarrio',
  commonBarrio: 'mnombrecomunbarrio',
  state: 'mestadoinmueble',
  stratum: 'estrato',
  point: 'localizacion',
};

export const LISTING_KEYS: Keys = {
  id: 'propertyId',
  type: 'propertyType',
  business: 'businessType',
  price: {sale: 'salePrice', rent: 'rentPrice'},
  priceFrom: 'priceFrom',
  area: ['area', 'areaFrom'],
  builtArea: ['areac', 'areacFrom'],
  projectArea: 'areaPrivada',
  bedrooms: ['rooms', 'roomsFrom'],
  bathrooms: ['bathrooms', 'bathroomsFrom'],
  parking: 'garages',
  city: 'city',
  zone: 'zone',
  barrio: 'neighborhood',
  commonBarrio: 'commonNeighborhood',
  state: 'propertyState',
  stratum: 'stratum',
  point: 'coordinates',
};

/** Known and not needed: repeats, paid placement, the portal's own counters. */
export const IGNORED_SEARCH_KEYS = `
  badge areaPrivada ptags morden OwnerType signwall haswhatsappbot haswhatsappotp cobertura packages tipovivienda feria
  mnumero_contactos categoria distance mgrupoid ubicacionaproximada`
  .trim()
  .split(/\s+/);
export const IGNORED_LISTING_KEYS = `
  publicationId businessTypeId rentTotalPrice ptags sector isUsed isSale isLease isOcasional fee areaUp areacUp priceUp
  roomsTo bathroomsTo video deliverDate link signwall haswhatsappbot campaign destacadopro packages cobertura
  ubicacionaproximada typeHousingProject feria highlight`
  .trim()
  .split(/\s+/);
