/** The portal's listing object of an advert on a day: the 128 keys of September 2026, each in its own type. */
import type {JsonValue} from '../../domain/page.ts';
import {hash32} from '../../lib/random.ts';
import {COP_PER_USD} from '../market/dirt.ts';
import {OPERATION_NAMES, TYPE_NAMES} from '../market/texts.ts';
import type {Advert, Advertiser, Statement, Truth} from '../market/truth.ts';
import {type JsonObject, locationsOf} from './locations.ts';
import {listingPath, OPERATION_IDS, TYPE_WORDS} from './paths.ts';
import {technicalSheetOf} from './technical-sheet.ts';

/** Portal's numbers and groups of the amenities used here. */
const FACILITIES: Readonly<Record<string, readonly [id: number, group: string]>> = {
  'Aire Acondicionado': [234, 'Interior'],
  Ascensor: [243, 'Exterior'],
  Balcón: [251, 'Interior'],
  Calentador: [266, 'Interior'],
  Closet: [280, 'Interior'],
  'Cocina Integral': [284, 'Interior'],
  'Cuarto de Servicio': [306, 'Interior'],
  'Depósito / Bodega': [309, 'Interior'],
  'En conjunto cerrado': [323, 'Exterior'],
  Estudio: [333, 'Interior'],
  Gimnasio: [346, 'Exterior'],
  'Instalación de gas': [349, 'Interior'],
  'Parqueadero Visitantes - Exterior': [376, 'Exterior'],
  'Parques cercanos': [377, 'Sector'],
  Piscina: [383, 'Exterior'],
  'Portería / Vigilancia': [393, 'Exterior'],
  'Salón Comunal': [403, 'Exterior'],
  'Servicios Públicos': [419, 'Interior'],
  'Supermercados / C.Comerciales': [424, 'Sector'],
  'Trans. Público cercano': [436, 'Sector'],
  'Vista panorámica': [444, 'Exterior'],
  'Zona de lavandería': [452, 'Interior'],
  'Zona Infantil': [454, 'Exterior'],
  'Zona Residencial': [455, 'Sector'],
};

const OWNER_TYPES = {agency: 'inmobiliaria', private: 'particular', developer: 'desarrollador'} as const;

function ownerOf(advertiser: Advertiser): JsonObject {
  const isPrivate = advertiser.kind === 'private';
  return {
    id: advertiser.id,
    name: advertiser.name,
    masked_phone: advertiser.maskedPhone,
    whatsapp_phone: advertiser.whatsappPhone,
    has_whatsapp: true,
    active: true,
    logo: isPrivate ? null : `https://cdn1.infocasas.com.uy/repo/img/logo-${advertiser.id}.png`,
    inmoLink: null,
    inmoPropsLink: `/inmobiliarias/${advertiser.id}-${advertiser.name.toLowerCase()}/propiedades`,
    inmofull: false,
    type: OWNER_TYPES[advertiser.kind],
    particular: isPrivate,
    heavy: isPrivate ? 0 : 100,
    address: advertiser.address,
    subsidiaries: isPrivate
      ? []
      : [
          {
            id: (advertiser.id % 100_000) + 600_000,
            name: 'Casa central',
            masked_phone: advertiser.maskedPhone,
            address: '',
            office_hours: '',
          },
        ],
  };
}

function sellerOf(seller: Advert['seller']): JsonValue {
  return seller === null ? null : {name: seller.name, phone: seller.phone, email: seller.email};
}

/** At most four photos are listed, so that pages stay light; `image_count` says how many there are. */
function imagesOf(advert: Advert, photosCount: number): JsonObject[] {
  return Array.from({length: Math.min(4, photosCount)}, (_, position) => {
    const name = hash32(`${advert.id}/${position}`).toString(16).padStart(8, '0');
    return {
      id: 200_000_000 + (hash32(`image/${advert.id}/${position}`) % 100_000_000),
      image: `https://cdn2.infocasas.com.uy/repo/img/${name}_infocdn__${name}${advert.id.toString(36)}jpg.jpg`,
      tag: null,
    };
  });
}

/** Units of a project: the smallest one carries the "from" price. */
function unitsOf(advert: Advert, stated: Statement): JsonObject[] {
  return [1, 1.18].map((scale, position) => ({
    id: (advert.id % 1_000_000) * 10 + position,
    title: `Tipo ${position === 0 ? 'A' : 'B'}`,
    bedrooms: stated.bedrooms,
    bathrooms: stated.bathrooms,
    m2: Math.round(stated.builtAreaM2 * scale * 10) / 10,
    price: {amount: Math.round((stated.price * scale) / 1_000_000) * 1_000_000, currency: {id: 4, name: '$'}},
  }));
}

interface Money {
  readonly currency: {readonly id: number; readonly name: string; readonly rate: number};
  readonly amount: number;
  readonly amountUsd: number;
  readonly adminUsd: number;
  readonly withAdmin: number;
}

function moneyOf(stated: Statement): Money {
  const isUsd = stated.currency === 'USD';
  const amount = stated.hidePrice ? 0 : stated.price;
  const withAdmin = isUsd ? amount : amount + stated.adminFeeCop;
  const inUsd = (value: number): number => (isUsd ? value : Math.round(value / COP_PER_USD));
  return {
    currency: isUsd ? {id: 1, name: 'U$S', rate: 1} : {id: 4, name: '$', rate: COP_PER_USD},
    amount,
    withAdmin,
    amountUsd: inUsd(amount),
    adminUsd: inUsd(withAdmin),
  };
}

function tagOf(advert: Advert, truth: Truth, day: number): JsonObject {
  const revision = truth.revisionOn(advert, day);
  const first = advert.revisions[0];
  const isCheaper = first !== undefined && revision.price < first.price;
  if (!isCheaper && advert.id % 12 !== 0) return {};
  return {
    ad_id: null,
    tag_type: isCheaper ? 2 : 1,
    tag_label: isCheaper ? 'Bajó de precio' : 'Oportunidad',
    property_id: advert.id,
    project_id: null,
  };
}

/** The listing object as search and detail pages carry it. */
export function listingObjectOf(truth: Truth, advert: Advert, day: number): JsonObject {
  const stated = truth.statementOn(advert, day);
  const {updatedOn} = truth.revisionOn(advert, day);
  const money = moneyOf(stated);
  const type = {id: TYPE_WORDS[advert.propertyType].id, name: TYPE_NAMES[advert.propertyType]};
  const operation = {id: OPERATION_IDS[advert.operation], name: OPERATION_NAMES[advert.operation]};
  const images = imagesOf(advert, stated.photosCount);
  const facilities = stated.amenities.map(name => {
    const [id, group] = FACILITIES[name] ?? [999, 'Interior'];
    return {id, name, group};
  });
  const builtOrNull = stated.builtAreaM2 === 0 ? null : stated.builtAreaM2;
  return {
    id: advert.id,
    idFincaLegacy: advert.isLegacy ? advert.id : null,
    title: stated.title,
    typeID: type.id,
    address: stated.address,
    showAddress: !advert.isLegacy,
    country_id: 3,
    description: stated.description,
    code:
      advert.id % 5 === 0
        ? `FRW${hash32(String(advert.id)).toString(36).slice(0, 5).toUpperCase()}`
        : String(advert.id),
    code2:
      advert.advertiser.kind === 'agency' && advert.id % 3 === 0
        ? `${advert.id % 900}-${advert.id % 97_000}`
        : null,
    finances: false,
    grouped_ids: null,
    img: images[0]?.image ?? null,
    isMapFeatured: false,
    price: {
      amount: money.amount,
      admin_included: money.withAdmin,
      hidePrice: stated.hidePrice,
      currency: {...money.currency},
    },
    price_amount_usd: money.amountUsd,
    price_admin_usd: money.adminUsd,
    owner: ownerOf(advert.advertiser),
    locations: locationsOf(advert, stated),
    seller: sellerOf(advert.seller),
    technicalSheet: technicalSheetOf(advert, stated),
    image_count: stated.photosCount,
    file_count: 0,
    imgSize: 100_000 + (hash32(`size/${advert.id}`) % 6_000_000),
    link: listingPath(advert),
    property_type: type,
    operation_type: operation,
    barter: false,
    facilities,
    m2: stated.builtAreaM2,
    m2Built: builtOrNull,
    m2apto: stated.privateAreaM2,
    m2Terrain: builtOrNull,
    m2Terrace: null,
    hectares: null,
    created_at: advert.publishedOn,
    updated_at: updatedOn,
    latitude: stated.point?.latitude ?? null,
    longitude: stated.point?.longitude ?? null,
    images,
    files: [],
    source: advert.isLegacy ? 28 : advert.id % 2 === 0 ? 1 : null,
    color: 3,
    project_group_md5: `property_${advert.id}`,
    project: [],
    pausd: false,
    pointType: advert.id % 2 === 0,
    zoom: 15,
    youtube: '',
    highlight: advert.id % 4 === 0 ? 17 : 0,
    hide_pct: 0,
    active: true,
    deleted: false,
    relevance: 90 + (advert.id % 1000) / 100,
    antiquity: stated.antiquity,
    construction_year: null,
    notes: '',
    sold: false,
    soldDate: null,
    discount: null,
    draft: false,
    sign: null,
    guarantee: null,
    facilitiesNotApply: false,
    commonExpenses: {amount: stated.adminFeeCop, hidePrice: false, currency: {id: 4, name: '$'}},
    price_variation: {},
    ceCurrencyID: 4,
    highlightDate: advert.id % 4 === 0 ? advert.publishedOn : null,
    socialMediaLinks: [],
    garage: stated.parkingSpaces,
    office: false,
    dispositionID: 1,
    bathrooms: stated.bathrooms,
    rooms: advert.id % 7 === 0 ? 0 : Math.max(0, stated.bedrooms),
    seaview: false,
    livingPlace: false,
    condominium: false,
    frontLength: null,
    floorsCount: stated.floorsCount,
    apartmentsPerFloor: 0,
    floor: stated.floor,
    neighborhood_id: 0,
    estate_id: 0,
    farmhouse: false,
    allowedHeight: '',
    isFavorite: false,
    isExternal: false,
    guests: 0,
    seasons: [],
    price_season: {},
    occupancies: [],
    temporal_price: null,
    temporal_currency: {},
    seaDistanceName: null,
    tour3d: null,
    legacy_propID: advert.id,
    isProject: stated.isProject,
    isProjectUnit: false,
    operation_type_id: operation.id,
    property_type_id: type.id,
    currency: money.currency.name,
    currency_id: money.currency.id,
    hidePrice: stated.hidePrice,
    stratum: stated.stratum,
    commonExpenses_currency: '$',
    constStatesID: stated.isNew ? 1 : 0,
    bedrooms: stated.bedrooms,
    event: {show: false, fecha_inicio_evento: null, link: null, logo: null, tag: null},
    turbo_product: {start_date: null, end_date: null, duration: null, start_hour: null, end_datetime: null},
    tag: tagOf(advert, truth, day),
    commercial_units: stated.isProject ? unitsOf(advert, stated) : {},
    modify_score: 0,
    modify_score_client: 0,
    description_count: stated.description.length,
    categories_count: facilities.length,
    has_images: images.length > 0,
    has_video: false,
    paid_quota: advert.advertiser.kind !== 'private',
    logo: null,
    include_administration: false,
    md5: advert.id,
    hasGarage: stated.parkingSpaces > 0,
    penthouse: false,
    idForm: null,
    finalization_date: null,
    fair: {},
    hasTour3d: false,
    duplicated: [],
  };
}
