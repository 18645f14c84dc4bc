/** What people write in adverts: titles, descriptions, addresses, and how they mangle them. Spanish, as on the portal. */
import type {Operation, PropertyType} from '../../domain/vocabulary.ts';
import type {Random} from '../../lib/random.ts';
import {type Person, PHONE_FORMS, whatsappLink} from './people.ts';
import {barrioBySlug, municipalityBySlug} from './places.ts';
import type {PlantedString, Property} from './truth.ts';

export type PlantedText = Omit<PlantedString, 'advertId'>;

export const TYPE_NAMES: Readonly<Record<PropertyType, string>> = {
  apartment: 'Apartamento',
  studio: 'Apartaestudio',
  house: 'Casa',
  country_house: 'Casa Campestre',
  house_lot: 'Casa Lote',
  cabin: 'Cabaña',
  farm: 'Finca',
  room: 'Habitación',
  land: 'Lote',
  warehouse: 'Bodega',
  medical_office: 'Consultorio',
  retail: 'Local',
  office: 'Oficina',
  parking: 'Parqueadero',
  building: 'Edificio',
};

export const OPERATION_NAMES: Readonly<Record<Operation, string>> = {sale: 'Venta', rent: 'Arriendo'};

export function titleOf(property: Property, operation: Operation, barrioSlug: string | null): string {
  const city = municipalityBySlug(property.municipality).name;
  const where =
    barrioSlug === null ? city : `${barrioBySlug(property.municipality, barrioSlug).name}, ${city}`;
  return `${TYPE_NAMES[property.propertyType]} en ${OPERATION_NAMES[operation]} en ${where}`;
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const OPENINGS = [
  'Excelente oportunidad',
  'Espectacular inmueble',
  'Hermosa propiedad',
  'Se ofrece',
  'Conozca',
  'Ideal para familia o inversión',
] as const;

const SURROUNDINGS = [
  'cerca a supermercados, parques y transporte público',
  'a pocos minutos de centros comerciales y colegios',
  'en un sector tranquilo y residencial',
  'con fácil acceso a las vías principales',
  'en una de las mejores zonas del sector',
] as const;

const FINISHES = [
  'Cocina integral y buena iluminación natural.',
  'Acabados modernos y excelente ventilación.',
  'Pisos en porcelanato y closets amplios.',
  'Para estrenar detalles a su gusto.',
  'Muy bien conservado, listo para habitar.',
  'Amplia zona social y vista despejada.',
] as const;

const CLOSINGS = [
  'Agende su visita.',
  'No pierda esta oportunidad.',
  'Permite crédito y subsidio.',
  'Disponibilidad inmediata.',
  'Comunicación solo por WhatsApp ***.',
  'Mayores informes ***.',
] as const;

export function describeProperty(random: Random, property: Property, operation: Operation): string {
  const {bedrooms, bathrooms, parkingSpaces, areaM2, floor, amenities} = property;
  const name = TYPE_NAMES[property.propertyType].toLowerCase();
  const city = municipalityBySlug(property.municipality).name;
  const barrio = barrioBySlug(property.municipality, property.barrio).name;
  const rooms = [
    bedrooms > 0 ? plural(bedrooms, 'alcoba', 'alcobas') : '',
    bathrooms > 0 ? plural(bathrooms, 'baño', 'baños') : '',
    parkingSpaces > 0 ? plural(parkingSpaces, 'parqueadero', 'parqueaderos') : '',
    floor !== null && random.chance(0.5) ? `ubicado en el piso ${floor}` : '',
  ].filter(part => part !== '');
  const sentences = [
    `${random.pick(OPENINGS)}: ${name} en ${OPERATION_NAMES[operation].toLowerCase()} en ${barrio}, ${city}, de ${areaM2} m²`,
    rooms.length === 0 ? '. ' : `, con ${rooms.join(', ')}. `,
    property.propertyType === 'land' ? '' : `${random.pick(FINISHES)} `,
    amenities.length > 2 && random.chance(0.6)
      ? `Cuenta con ${random.shuffle(amenities).slice(0, 4).join(', ')}. `
      : '',
    `Está ${random.pick(SURROUNDINGS)}. `,
    random.pick(CLOSINGS),
  ];
  return sentences.join('');
}

const TEXT_CHANGES = [
  ' Precio negociable.',
  ' Se escuchan ofertas.',
  ' Actualizado: ya disponible.',
  ' Recibo vehículo como parte de pago.',
  ' Nuevas fotos.',
] as const;

/** A later wording of a description; one in four differs by white space only. */
export function rewordDescription(random: Random, description: string): string {
  if (random.chance(0.25)) return `${description.replace('. ', '.  ')} `;
  return `${description}${random.pick(TEXT_CHANGES)}`;
}

/** A street address without a unit, or one of the portal's placeholders. */
export function addressOf(random: Random): string {
  if (random.chance(0.25)) return 'CL 00 # 00 - 00';
  const way = random.pick(['CL', 'CR', 'DG', 'TV', 'Calle', 'Carrera']);
  return `${way} ${random.int(1, 110)}${random.chance(0.3) ? random.pick(['A', 'B', 'C', ' SUR']) : ''} # ${random.int(1, 99)} - ${random.int(1, 99)}`;
}

/** UTF-8 read as Mac Roman: `Belén` → `Bel√©n`. */
const MOJIBAKE: Readonly<Record<string, string>> = {
  á: '√°',
  é: '√©',
  í: '√≠',
  ó: '√≥',
  ú: '√∫',
  ñ: '√±',
  '²': '¬≤',
};

export function mangle(text: string): string {
  return text.replace(/[áéíóúñ²]/g, letter => MOJIBAKE[letter] ?? letter);
}

export interface ContactText {
  readonly text: string;
  readonly planted: readonly PlantedText[];
}

/**
 * A sentence that gives a person away, as sellers and agents write it. Names stand after a contact word.
 * `serial` makes unit numbers unique in the market.
 */
export function contactSentence(random: Random, person: Person, serial: number): ContactText {
  const where = 'description';
  const phone = random.pick(PHONE_FORMS)(person.phone);
  const unit = `apto ${1000 + serial}`;
  const name: PlantedText = {text: person.name, kind: 'name', where};
  const call: PlantedText = {text: phone, kind: 'phone', where};
  const link: PlantedText = {text: whatsappLink(person.phone), kind: 'whatsapp', where};
  const mail: PlantedText = {text: person.email, kind: 'email', where};
  const home: PlantedText = {text: unit, kind: 'unit', where};
  return random.pick<ContactText>([
    {text: ` Informes con ${person.name} al ${phone}.`, planted: [name, call]},
    {text: ` Contacto: ${person.name}, WhatsApp ${link.text}`, planted: [name, link]},
    {text: ` Llamar a la señora ${person.name}, cel. ${phone}.`, planted: [name, call]},
    {text: ` Trato directo con don ${person.name}, correo ${person.email}.`, planted: [name, mail]},
    {text: ` Celular ${phone} o escribir a ${person.email}.`, planted: [call, mail]},
    {
      text: ` Es el ${unit} de la torre ${random.int(1, 4)}, preguntar por ${person.name}.`,
      planted: [home, name],
    },
    {text: ` Asesor: ${person.name}. Tel: ${phone}.`, planted: [name, call]},
  ]);
}
