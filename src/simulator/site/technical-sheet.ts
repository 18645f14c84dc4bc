/** The labelled facts of an advert, as texts: the portal's `technicalSheet` of 2026. Empty means not stated. */
import {TYPE_NAMES} from '../market/texts.ts';
import type {Advert, Statement} from '../market/truth.ts';

export interface SheetRow {
  [key: string]: string;
  field: string;
  value: string;
  text: string;
}

const ANTIQUITY_NAMES = [
  '',
  'menor a 1 año',
  '1 a 8 años',
  '9 a 15 años',
  '16 a 30 años',
  'más de 30 años',
] as const;

/** `450000` → `$ 450.000`. */
export function formatPesos(amount: number): string {
  return `$ ${String(amount).replace(/\B(?=(\d{3})+(?!\d))/g, '.')}`;
}

const count = (value: number): string => (value === 0 ? '' : String(value));
const area = (value: number): string => (value === 0 ? '' : `${value} m2`);

export function technicalSheetOf(advert: Advert, stated: Statement): SheetRow[] {
  const {propertyType, operation} = advert;
  const isHouse = propertyType === 'house' || propertyType === 'country_house';
  const rows: readonly (readonly [field: string, text: string, value: string, isShown?: boolean])[] = [
    ['property_type_name', 'Tipo de Inmueble', TYPE_NAMES[propertyType]],
    ['construction_state_name', 'Estado', stated.isNew ? 'Nuevo' : 'Usado'],
    ['bathrooms', 'Baños', count(stated.bathrooms)],
    ['constructionYear', 'Antigüedad', ANTIQUITY_NAMES[stated.antiquity] ?? ''],
    ['bedrooms', 'Habitaciones', count(stated.bedrooms)],
    ['garage', 'Parqueaderos', count(stated.parkingSpaces)],
    ['m2Built', 'Área Construida', area(stated.builtAreaM2)],
    ['m2Terrain', 'Área del terreno', area(stated.builtAreaM2), isHouse],
    ['m2apto', 'Área Privada', area(stated.privateAreaM2)],
    ['stratum', 'Estrato', count(stated.stratum)],
    ['commonExpenses', 'Administración', formatPesos(stated.adminFeeCop), stated.adminFeeCop > 1],
    ['floor', 'Piso N°', count(stated.floor)],
    [
      isHouse ? 'floorsAmount' : 'story',
      isHouse ? 'Cantidad de pisos' : 'Cantidad de Pisos',
      count(stated.floorsCount),
    ],
    ['barter', 'Acepta permuta', '', operation === 'sale'],
    ['allowPets', 'Acepta mascotas', '', operation === 'rent'],
    ['minimumContract', 'Contrato Mínimo', '', operation === 'rent'],
  ];
  return rows.filter(row => row[3] !== false).map(([field, text, value]) => ({field, value, text}));
}
