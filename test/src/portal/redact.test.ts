import {describe, expect, it} from 'vitest';
import type {JsonValue} from '../../../src/domain/page.ts';
import {createRandom, type Random} from '../../../src/lib/random.ts';
import {
  type RedactionRules,
  redactContent,
  redactJson,
  redactText,
  redactUrl,
} from '../../../src/portal/redact.ts';

const RULES: RedactionRules = {
  dropKeys: ['notes', 'images'],
  wordKeys: ['places'],
  addressKeys: ['address'],
  linkKeys: ['link'],
  shortenPath: path => /\/(\d+)$/.exec(path)?.[0],
  advertiser: {
    key: 'owner',
    idKey: 'id',
    nameKey: 'name',
    keepKeys: ['type'],
    mayBeCompany: owner => owner.type === 'inmobiliaria',
  },
};

describe('redactText', () => {
  it.each([
    ['mobile', 'Llama al 3105550127 ya', 'Llama al [TEL] ya'],
    ['mobile in groups', 'cel 310 555 01 27', 'cel [TEL]'],
    ['mobile with dots', 'wp 310.555.0127.', 'wp [TEL].'],
    ['mobile with hyphens', 'tel: 310-555-0127', 'tel: [TEL]'],
    ['mobile with country code', 'Wsp +57 310 5550127', 'Wsp [TEL]'],
    ['mobile with country code in brackets', 'Wsp (+57) 310 5550127', 'Wsp [TEL]'],
    ['mobile without a blank', 'cel3105550127', 'cel[TEL]'],
    ['mobile digit by digit', 'info 3 1 0 5 5 5 0 1 2 7', 'info [TEL]'],
    ['mobile in keycap emoji', 'cel 3️⃣1️⃣0️⃣5️⃣5️⃣5️⃣0️⃣1️⃣2️⃣7️⃣', 'cel [TEL]'],
    ['mobile with the letter O', 'cel 31O 555 O127', 'cel [TEL]'],
    ['two mobiles', '3105550127 / 3205550128', '[TEL] / [TEL]'],
    ['landline with area code', 'fijo 604 444 5566', 'fijo [TEL]'],
    ['landline with old code', 'PBX (4) 444-55-66', 'PBX [TEL]'],
    ['landline after a word', 'Informes: Tel: 4 74 7014', 'Informes: Tel: [TEL]'],
    ['second landline', 'tel 4445566 - 4445567', 'tel [TEL] - [TEL]'],
    ['mobile in words', 'cel tres uno cero cinco cinco cinco cero uno dos siete', 'cel [TEL]'],
    ['mobile half in words', 'tres diez 555 cero uno veintisiete', '[TEL]'],
    ['WhatsApp link', 'escribe a https://wa.me/573105550127', 'escribe a [TEL]'],
    ['WhatsApp API link', 'https://api.whatsapp.com/send?phone=573105550127&text=hola', '[TEL]'],
    ['e-mail', 'correo juana.perez+casa@correo.example hoy', 'correo [EMAIL] hoy'],
    ['e-mail spelled', 'juana (arroba) correo punto com', '[EMAIL]'],
    ['name after contact', 'Contactar a Juan Pérez', 'Contactar a [NOMBRE]'],
    ['name after contact, lower case', 'comunicarse con juan carlos perez', 'comunicarse con [NOMBRE]'],
    ['name after contact, upper case', 'INFORMES CON MARIA RESTREPO', 'INFORMES CON [NOMBRE]'],
    ['rare name after contact', 'Preguntar por Yurleidy Quinchía.', 'Preguntar por [NOMBRE].'],
    ['name with particle', 'Asesora: Ana María de la Cruz Gómez', 'Asesora: [NOMBRE]'],
    [
      'rare name with a known surname',
      'Casa en Toledo. Vende Hermenegilda Taborda Yarce',
      'Casa en Toledo. Vende [NOMBRE]',
    ],
    ['rare names with a known last surname', 'Arrienda Petronila Urquijo Holguín', 'Arrienda [NOMBRE]'],
    [
      'rare names that end a sentence',
      'Casa en Popular. Vende Abundio Urquijo Yarce',
      'Casa en Popular. Vende [NOMBRE]',
    ],
    ['honorific', 'hablar con doña Zenaida', 'hablar con doña [NOMBRE]'],
    ['owner', 'Propietario: Luis Zapata', 'Propietario: [NOMBRE]'],
    ['name beside a phone', 'negociable, Carlos 3105550127', 'negociable, [NOMBRE] [TEL]'],
    ['name behind a phone', '3105550127 Gloria Patricia Mejía', '[TEL] [NOMBRE]'],
    ['full name alone', 'Vendo casa. Andrés Felipe Gómez', 'Vendo casa. [NOMBRE]'],
    ['full name in a slug', 'casa-de-juan-carlos-perez-medellin', 'casa-de-[NOMBRE]-medellin'],
    ['unit', 'Edificio Sol, apto 302', 'Edificio Sol, [UNIDAD]'],
    ['unit with sign', 'casa # 12 del conjunto', '[UNIDAD] del conjunto'],
    ['interior', 'Cra 43 # 5-30 int. 201', 'Cra 43 # 5-30 [UNIDAD]'],
    ['identity card', 'C.C. 43.123.456', '[DOCUMENTO]'],
    ['land register', 'matrícula inmobiliaria 001-123456', '[DOCUMENTO]'],
    ['mojibake', 'Preguntar por Filem√≥n Arbel√°ez', 'Preguntar por [NOMBRE]'],
    ['combining accents', 'Contactar a Jose\u0301 Pe\u0301rez', 'Contactar a [NOMBRE]'],
  ])('%s', (_, text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redactText(expected), 'twice').toBe(expected);
  });

  it.each([
    'Precio $ 3.059.100.000 negociable',
    'Precio 3059100000',
    'Vale 3.059.100.000 pesos',
    'Valor: 3100000000',
    'casa de 3 alcobas, 2 baños, 120 m2, piso 5',
    'apartamento 90 m2 con 3 habitaciones',
    'Código 193349683, ref. 447-8969',
    'construida entre 2019 y 2021, área 320.50 m2',
    'canon $ 2.600.000 + administración 450.000',
    'Venta 365.000.000, avalúo 410.000.000',
    'contacto con la naturaleza y luz natural',
    'Más información en nuestras oficinas',
    'Informes: Inmobiliaria Ejemplo',
    'Apartamento en Venta en Carlos E. Restrepo, Medellín',
    'Casa en Venta en Antonio Gómez, Itagüí',
    'cerca al colegio Pedro Pérez y al parque San Antonio',
    'Carrera 43A # 30-25, Medellín',
    'lote de 35 000 000 de pesos',
    'tres alcobas, dos baños, cuatro pisos y cinco balcones',
    'Trescientos cincuenta millones de pesos',
    'PROPIETARIO VENDE CASA EN LAURELES',
    'Se Vende Hermosa Casa Campestre En La Ceja',
    'Vendo Lindo Penthouse Duplex',
    'casa en Bel√©n sin nadie',
  ])('leaves %s', text => {
    expect(redactText(text)).toBe(text);
  });
});

describe('redactJson', () => {
  it('drops keys at any depth, whatever they hold', () => {
    const value = {a: [{notes: 'x', keep: 1, deep: {images: [{url: 'y'}]}}], notes: {b: 2}};
    expect(redactJson(value, RULES, 'key')).toEqual({a: [{keep: 1, deep: {}}]});
  });

  it('drops keys that name a way to reach somebody, but not yes or no', () => {
    const value = {
      contactPhone: 3105550127,
      'e-mail': 'a@b.co',
      has_whatsapp: true,
      telefono: null,
      celular2: '310',
    };
    expect(redactJson(value, RULES, 'key')).toEqual({has_whatsapp: true});
  });

  it('never touches numbers: a price may look like a phone', () => {
    const value = {price: 3059100000, other: 3105550127};
    expect(redactJson(value, RULES, 'key')).toEqual(value);
  });

  it('runs over text values, in lists too', () => {
    expect(redactJson({list: ['cel 3105550127', 'ok']}, RULES, 'key')).toEqual({list: ['cel [TEL]', 'ok']});
  });

  it('looks for no names in the words of the portal', () => {
    const value = {places: [{name: 'Pablo Mejía'}], text: 'Pablo Mejía'};
    expect(redactJson(value, RULES, 'key')).toEqual({places: [{name: 'Pablo Mejía'}], text: '[NOMBRE]'});
  });

  it('removes short unit numbers from addresses', () => {
    const value = {address: 'CL 9 # 30 - 55 apto 1402 torre 2', text: 'torre 2'};
    expect(redactJson(value, RULES, 'key')).toEqual({
      address: 'CL 9 # 30 - 55 [UNIDAD] [UNIDAD]',
      text: 'torre 2',
    });
  });

  it('keeps of the advertiser a kind, a pseudonym and the name of a company', () => {
    const owner = {
      id: 7,
      name: 'Raíces del Valle SAS',
      type: 'inmobiliaria',
      address: 'x',
      masked: '+5731',
      logo: 'y',
    };
    const redacted = redactJson({owner}, RULES, 'key');
    expect(redacted).toEqual({
      owner: {
        id: expect.stringMatching(/^adv_[0-9a-f]{24}$/),
        name: 'Raíces del Valle SAS',
        type: 'inmobiliaria',
      },
    });
  });

  it.each([
    ['a private seller', {name: 'Raíces SAS', type: 'particular'}],
    ['a person who is called an agency', {name: 'Juan Carlos Pérez', type: 'inmobiliaria'}],
    ['a company that is called after a person', {name: 'Inmobiliaria Juan Pérez', type: 'inmobiliaria'}],
    ['a rare name', {name: 'Yurleidy Quinchía', type: 'inmobiliaria'}],
  ])('drops the name of %s', (_, owner) => {
    expect(redactJson({owner}, RULES, 'key')).toEqual({owner: {type: owner.type}});
  });

  it('gives the same advertiser the same pseudonym under the same key only', () => {
    const idOf = (key: string, id: JsonValue) => JSON.stringify(redactJson({owner: {id}}, RULES, key));
    expect(idOf('key', 7)).toBe(idOf('key', '7'));
    expect(idOf('key', 7)).not.toBe(idOf('other', 7));
    expect(idOf('key', 7)).not.toBe(idOf('key', 8));
  });

  it('changes nothing the second time', () => {
    const value = {
      owner: {id: 7, name: 'Raíces del Valle SAS', type: 'inmobiliaria'},
      link: '/casa-de-juan-perez/123456',
      text: 'Informes 310 555 0127 con María Restrepo, apto 302',
      address: 'CL 1 # 2-3 casa 4',
    };
    const once = redactJson(value, RULES, 'key');
    expect(redactJson(once, RULES, 'key')).toEqual(once);
  });
});

describe('redactUrl', () => {
  it.each([
    ['/casa-en-venta-de-juan-perez/123456', '/123456'],
    ['https://portal.example/casa-de-juan-perez/123456?utm=1#foto', 'https://portal.example/123456?utm=1'],
    ['https://user:secret@portal.example/x?phone=3105550127&page=2', 'https://portal.example/x?page=2'],
    ['https://portal.example/casa-de-juan-perez', 'https://portal.example/casa-de-[NOMBRE]'],
    ['https://portal.example/casa-de-mar%C3%ADa-restrepo', 'https://portal.example/casa-de-[NOMBRE]'],
    ['https://wa.me/573105550127', '[TEL]'],
    ['mailto:juan@correo.example', 'mailto:[EMAIL]'],
  ])('%s', (url, expected) => {
    expect(redactUrl(url, RULES)).toBe(expected);
  });
});

describe('redactContent', () => {
  it('covers title, state, JSON-LD and notices', () => {
    const text = 'Contactar a Juan Pérez';
    const content = {title: text, state: {a: text}, jsonLd: [{name: text}], notices: [text]};
    expect(JSON.stringify(redactContent(content, RULES, 'key'))).not.toContain('Juan');
  });
});

/** Redaction as it is meant: every value copied, nothing remembered. */
function redactPlainly(value: JsonValue, how: {isAddress?: boolean; skipNames?: boolean} = {}): JsonValue {
  if (typeof value === 'string')
    return /^https?:\/\//.test(value) ? redactUrl(value, RULES) : redactText(value, how);
  if (Array.isArray(value)) return value.map(element => redactPlainly(element, how));
  if (typeof value !== 'object' || value === null) return value;
  const kept: [string, JsonValue][] = [];
  for (const [key, field] of Object.entries(value)) {
    if (RULES.dropKeys.includes(key) || (key === 'telefono' && typeof field !== 'boolean')) continue;
    if (key === 'link')
      kept.push(
        ...(typeof field === 'string' ? [[key, redactUrl(field, RULES)] as [string, JsonValue]] : []),
      );
    else if (key === 'places') kept.push([key, redactPlainly(field, {skipNames: true})]);
    else if (key === 'address') kept.push([key, redactPlainly(field, {isAddress: true})]);
    else kept.push([key, redactPlainly(field, how)]);
  }
  return Object.fromEntries(kept);
}

const TEXTS = [
  'Apartamento en Laureles',
  'Juan Carlos Restrepo',
  'Llama a Marta Gómez 310 555 0127',
  'Calle 10 # 43-20 apto 302',
  'apto 302',
  'escribe a ana.perez@example.com',
  'https://www.example.com/casa/juan-perez/123456?correo=a%40b.co',
  '3105550127',
  '$ 305.910.000',
  'Se vende casa amplia con vista, tres alcobas, cocina integral y patio; informes con Pedro Pérez al 604 444 5566.',
];
const KEYS = ['title', 'places', 'address', 'link', 'notes', 'telefono', 'list', 'price', 'a', 'b'];

function randomJson(random: Random, depth: number): JsonValue {
  const kind = depth === 0 ? random.int(0, 2) : random.int(0, 4);
  if (kind === 0) return random.pick([null, true, false, 0, 3_059_100_000, 4.5]);
  if (kind <= 2) return random.pick(TEXTS);
  const size = random.int(0, 4);
  const values = Array.from({length: size}, () => randomJson(random, depth - 1));
  return kind === 3 ? values : Object.fromEntries(values.map(value => [random.pick(KEYS), value]));
}

describe('redactJson shares what is clean', () => {
  it('gives what copying everything would give, leaves the value as it was, and a second pass changes nothing', () => {
    const random = createRandom('redaction shares');
    let findings = 0;
    for (let round = 0; round < 2000; round += 1) {
      const value = randomJson(random, 5);
      const before = JSON.stringify(value);
      const redacted = redactJson(value, RULES, 'key');
      expect(JSON.stringify(redacted)).toBe(JSON.stringify(redactPlainly(value)));
      expect(JSON.stringify(value)).toBe(before);
      expect(redactJson(redacted, RULES, 'key')).toBe(redacted);
      if (redacted !== value) findings += 1;
    }
    expect(findings).toBeGreaterThan(500);
    expect(findings).toBeLessThan(2000);
  });

  it('looks at a short text anew for each kind of field', () => {
    const text = 'Juan Carlos Restrepo';
    expect(redactJson({places: text, title: text, address: text}, RULES, 'key')).toEqual({
      places: text,
      title: '[NOMBRE]',
      address: '[NOMBRE]',
    });
  });

  it('keeps no key that would set a prototype', () => {
    const value: JsonValue = JSON.parse('{"__proto__": {"celular": "3105550127"}, "title": "Casa"}');
    const redacted = redactJson(value, RULES, 'key');
    expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
    expect(JSON.stringify(redacted)).toBe('{"title":"Casa"}');
  });
});
