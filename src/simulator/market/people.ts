/**
 * Advertisers, and the personal strings planted with them.
 *
 * Every person is invented. Numbers begin with 341–349, prefixes no Colombian operator has; e-mail domains end in the
 * reserved `.example`. Names avoid every word of barrios, stations and agencies, so a search for them has no false hits.
 */
import type {Random} from '../../lib/random.ts';
import {slugify} from '../../lib/spanish.ts';
import type {Advertiser, PlantedString} from './truth.ts';

const GIVEN_NAMES = [
  'Belarmino',
  'Hermenegilda',
  'Clodomiro',
  'Eustaquia',
  'Nepomuceno',
  'Gumersinda',
  'Baudilio',
  'Saturnina',
  'Filemón',
  'Anacleta',
  'Eleuterio',
  'Domitila',
  'Abundio',
  'Petronila',
  'Casimiro',
  'Leovigilda',
] as const;

const FIRST_SURNAMES = [
  'Urquijo',
  'Taborda',
  'Quiceno',
  'Arbeláez',
  'Monsalve',
  'Cifuentes',
  'Piedrahíta',
  'Bustamante',
  'Lopera',
  'Zuluaga',
  'Echavarría',
  'Sepúlveda',
] as const;

const SECOND_SURNAMES = [
  'Muñetón',
  'Yarce',
  'Tangarife',
  'Chavarriaga',
  'Usuga',
  'Zapateiro',
  'Holguín',
  'Loaiza',
  'Marulanda',
  'Betancur',
  'Ossa',
  'Garcés',
] as const;

const AGENCY_NAMES = [
  'Arrendamientos Cordillera',
  'Inmobiliaria Guayacán',
  'Casa Abierta Propiedad Raíz',
  'Espacios del Valle S.A.S.',
  'Bienes Raíces La Ceiba',
  'Habitar Inmobiliaria',
  'Propiedades Yarumo',
  'Grupo Inmobiliario Montaña',
  'Acierto Propiedad Raíz',
  'Portón Inmobiliaria',
  'Techo Propio Antioquia',
  'Inmobiliaria Cafetal',
  'Arriendos del Sur S.A.S.',
  'Hogar Andino',
  'Inmobiliaria Quebrada Arriba',
  'Llave Maestra Bienes Raíces',
  'Balcones Propiedad Raíz',
  'Ladrillo y Teja Inmobiliaria',
  'Norte Inmuebles',
  'Inmobiliaria Orquídea',
  'Metro Cuadro Asesores',
  'Terranova Gestión Inmobiliaria',
  'Inmobiliaria Silletera',
  'Nido Propiedades',
] as const;

const DEVELOPER_NAMES = [
  'Constructora Ladera Alta',
  'Promotora Bosque Urbano',
  'Construcciones Piedemonte S.A.S.',
] as const;

const DIGIT_WORDS = [
  'cero',
  'uno',
  'dos',
  'tres',
  'cuatro',
  'cinco',
  'seis',
  'siete',
  'ocho',
  'nueve',
] as const;

export interface Person {
  readonly name: string;
  /** Ten digits. */
  readonly phone: string;
  readonly email: string;
}

/** Invents one person; `serial` makes name and number unique in the market. */
export function createPerson(random: Random, serial: number): Person {
  const {length: givens} = GIVEN_NAMES;
  const {length: firsts} = FIRST_SURNAMES;
  const given = GIVEN_NAMES[serial % givens] ?? GIVEN_NAMES[0];
  const first = FIRST_SURNAMES[Math.floor(serial / givens) % firsts] ?? FIRST_SURNAMES[0];
  const second =
    SECOND_SURNAMES[(Math.floor(serial / (givens * firsts)) + serial * 5) % SECOND_SURNAMES.length];
  const name = `${given} ${first} ${second ?? SECOND_SURNAMES[0]}`;
  // The serial's digits keep numbers apart; the last digit is never 0, so no number looks like a price.
  const phone = `34${random.int(1, 9)}${String(1000 + serial).slice(-4)}${random.int(10, 99)}${random.int(1, 9)}`;
  return {name, phone, email: `${slugify(given)}.${slugify(first)}${10 + (serial % 90)}@correo.example`};
}

type PhoneForm = (phone: string) => string;

const grouped = (phone: string, separator: string): string =>
  [phone.slice(0, 3), phone.slice(3, 6), phone.slice(6)].join(separator);

/** The ways people write a mobile number. */
export const PHONE_FORMS: readonly PhoneForm[] = [
  phone => phone,
  phone => grouped(phone, ' '),
  phone => `+57 ${grouped(phone, ' ')}`,
  phone => `+57${phone}`,
  phone => grouped(phone, '.'),
  phone => grouped(phone, '-'),
  phone => `(${phone.slice(0, 3)}) ${phone.slice(3, 6)} ${phone.slice(6, 8)} ${phone.slice(8)}`,
  phone => [...phone].map(digit => DIGIT_WORDS[Number(digit)] ?? digit).join(' '),
];

export const whatsappLink = (phone: string): string => `https://wa.me/57${phone}`;

/** Companies of the market: the same seed lists the same ones. */
export function createCompanies(random: Random): {agencies: Advertiser[]; developers: Advertiser[]} {
  const company = (kind: 'agency' | 'developer', name: string, position: number): Advertiser => ({
    id: 174_500_000 + position * 617 + (kind === 'developer' ? 90_000 : 0),
    kind,
    name,
    isPerson: false,
    maskedPhone: random.pick(['+6044', '+5732', '+5731', '+5730', '24926']),
    whatsappPhone: null,
    address: `CL ${random.int(2, 80)} ${random.int(30, 80)} ${random.int(2, 99)} OF ${random.int(101, 909)}`,
  });
  return {
    agencies: AGENCY_NAMES.map((name, position) => company('agency', name, position)),
    developers: DEVELOPER_NAMES.map((name, position) => company('developer', name, position)),
  };
}

export interface PrivateAdvertiser {
  readonly advertiser: Advertiser;
  readonly planted: readonly Omit<PlantedString, 'advertId'>[];
}

/** A private seller's owner block: half of them show their name, some their number. */
export function createPrivateAdvertiser(random: Random, person: Person, serial: number): PrivateAdvertiser {
  const showsName = random.chance(0.55);
  const showsPhone = random.chance(0.3);
  const maskedPhone = random.chance(0.15) ? `57${person.phone}` : '57349';
  const unit = `AP ${1000 + serial}`;
  const street = `CR ${random.int(20, 80)} ${random.int(2, 60)} ${random.int(2, 99)}`;
  const address = random.chance(0.4) ? `${street} ${unit}` : street;
  const whatsappPhone = showsPhone ? `+57${person.phone}` : null;
  const planted: Omit<PlantedString, 'advertId'>[] = [];
  if (showsName) {
    planted.push({text: person.name, kind: 'name', where: 'owner'});
    planted.push({text: person.name.toLowerCase(), kind: 'name', where: 'owner'});
  }
  if (maskedPhone.includes(person.phone)) planted.push({text: maskedPhone, kind: 'phone', where: 'owner'});
  if (whatsappPhone !== null) planted.push({text: whatsappPhone, kind: 'phone', where: 'owner'});
  if (address.endsWith(unit)) planted.push({text: unit, kind: 'unit', where: 'owner'});
  return {
    advertiser: {
      id: 176_000_000 + serial * 389,
      kind: 'private',
      name: showsName ? person.name : 'Anunciante',
      isPerson: showsName,
      maskedPhone,
      whatsappPhone,
      address,
    },
    planted,
  };
}
