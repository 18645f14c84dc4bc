/**
 * `featured`, what an advert says beyond its own fields: on search pages `"key:value"` (`" nroPiso:6"`,
 * `" ascensor:S"`), on listing pages labels in groups (`Número de piso 2`, `Ascensor`).
 */
import type {JsonValue} from '../src/domain/page.ts';
import {foldText} from '../src/lib/spanish.ts';
import {isObject, type Taker} from '../src/portal/take.ts';

export interface Features {
  /** The portal's labels, sorted, without repeats. */
  readonly amenities: readonly string[];
  readonly floor: string | null;
  readonly floorsCount: string | null;
  readonly landAreaM2: string | null;
  /** Age class or state; listing pages have it in a field of its own. */
  readonly builtTime: string | null;
}

type Fact = 'floor' | 'floorsCount' | 'landAreaM2' | 'builtTime';

const FACT_KEYS: Readonly<Record<string, Fact>> = {
  nroPiso: 'floor',
  nroNiveles: 'floorsCount',
  areaLote: 'landAreaM2',
  tiempoConstruido: 'builtTime',
};
const FACT_LABELS: readonly (readonly [pattern: RegExp, fact: Fact])[] = [
  [/^(?:numero de )?piso (\d+)$/, 'floor'],
  [/^(?:numero de )?niveles (\d+)$/, 'floorsCount'],
  [/^area (?:del )?lote ([\d.]+) m²$/, 'landAreaM2'],
];
/** Known and not needed: repeats of other fields, materials, counts nobody asks for, ways to be contacted. */
const IGNORED_KEYS = new Set(
  `area areaConstruida areaPrivada areaTerraza bancoHipoteca caracteristicasParqueadero contactoWhatsApp instalacionGas
  negociarPrecio nroAscensores nroBanos nroClosets nroCuartos nroGarajes nroLineasTelefonicas`.split(/\s+/),
);
const IGNORED_LABELS =
  /^(?:tipo(?: de)? |(?:numero de )?(?:closets|ascensores|lineas telefonicas) \d+$|deposito \d+$|vigilancia 0$|area terraza\/balcon [\d.]+ m²$|(?:ancho|fondo|frente) [\d.]+ m$|(?:instalacion de gas|calentador) )|(?: ninguno| ninguna| no tiene)$/;
/** Numbers that are part of an amenity's label. */
const LABEL_WITH_NUMBER = /^vigilancia \d+ ?h/;
/** Which home it is: unit numbers and the number in the land registry. Never kept. */
const PERSONAL_KEY =
  /^(?:matricula|chip|direccion|nro(?:apto|apartamento|interior|casa|torre|bloque|local|oficina))/i;
const PERSONAL_LABEL =
  /matricula|^chip\b|direccion|^(?:numero de )?(?:apartamento|apto|interior|casa|torre|bloque|local|oficina)\b.*\d/;

/** Labels of listing pages for keys that don't make their own: `conChimenea` → Chimenea, `cercaAGimnasio` → Cerca a gimnasio. */
const LABELS: Readonly<Record<string, string>> = {
  aptoParaNinos: 'Apto para niños',
  banosAuxiliar: 'Baño auxiliar',
  cercaCentroComercial: 'Cerca centros comerciales',
  cercaColegioUniversidad: 'Cerca colegios / universidades',
  cercaParque: 'Cerca parques',
  cercaSupermercado: 'Cerca supermercados',
  cercaTransportePublico: 'Cerca transporte público',
  conBanoServicio: 'Baños de servicio',
  conCalefaccion: 'Calefacción',
  conCircuitoCerradoTV: 'Circuito cerrado de TV',
  conCitofono: 'Citófonos',
  conCuartoServicio: 'Cuarto de servicio',
  conEstudioBiblioteca: 'Estudio o biblioteca',
  conGarajeCubierto: 'Parqueadero cubierto',
  conHall: 'Hall de alcobas',
  conJardin: 'Jardín',
  conMuebles: 'Equipado / amoblado',
  conPisoBaldosa: 'Piso en baldosa',
  conPisoMadera: 'Piso en madera',
  conPisoPorcelanato: 'Piso en porcelanato',
  conSalonComunal: 'Salón comunal',
  conVistaPanoramica: 'Vista panorámica',
  conZonaBbq: 'Zona de BBQ',
  conZonaLavanderia: 'Zona de lavandería',
  conZonaNinos: 'Zona para niños',
  enConjuntoCerrado: 'Conjunto cerrado',
  porteria: 'Portería',
};

/**
 * Without what says which home it is; values and numbers that nobody reads become `…`, whatever they may be.
 * Null when the portal changed the shape, which the reader then refuses.
 */
export function trimFeatures(featured: JsonValue | undefined): JsonValue {
  if (featured === undefined || featured === null) return [];
  if (!Array.isArray(featured)) return null;
  return featured.flatMap((feature): JsonValue[] => {
    if (typeof feature === 'string') return trimPair(feature);
    const items = isObject(feature) ? feature.items : undefined;
    if (!isObject(feature) || !Array.isArray(items)) return [null];
    return [{...feature, items: items.flatMap(item => (typeof item === 'string' ? trimLabel(item) : []))}];
  });
}

function trimPair(pair: string): string[] {
  const {key, value} = splitPair(pair);
  if (PERSONAL_KEY.test(key)) return [];
  const isKnown = key in FACT_KEYS || isIgnoredKey(key) || /^[SN]$/.test(value) || key === 'terrazaBalcon';
  return [isKnown ? pair.trim() : `${key}:…`];
}

function trimLabel(label: string): string[] {
  const folded = foldText(label);
  if (PERSONAL_LABEL.test(folded)) return [];
  const isKnown =
    IGNORED_LABELS.test(folded) || LABEL_WITH_NUMBER.test(folded) || factOf(folded) !== undefined;
  return [isKnown ? label : label.replace(/\d[\d.,-]*/g, '…')];
}

/** Reads `featured` of a search page, after `trimFeatures`. */
export function readPairs(fields: Taker): Features {
  const facts: Partial<Record<Fact, string>> = {};
  const amenities = new Set<string>();
  for (const pair of textsOf(fields, 'featured')) {
    const {key, value} = splitPair(pair);
    const fact = FACT_KEYS[key];
    if (fact !== undefined) facts[fact] = value;
    else if (isIgnoredKey(key)) continue;
    else if (key === 'terrazaBalcon') addTerrace(amenities, value);
    else if (value === 'S') amenities.add(labelOf(key));
    else if (value !== 'N') fields.report('unknown_feature', `nobody reads ${key}`, 'featured', key);
  }
  return featuresOf(facts, amenities);
}

/** Reads `featured` of a listing page, after `trimFeatures`. */
export function readLabels(fields: Taker): Features {
  const facts: Partial<Record<Fact, string>> = {};
  const amenities = new Set<string>();
  for (const group of fields.list('featured')) {
    group.ignore('title');
    for (const label of textsOf(group, 'items')) {
      const folded = foldText(label);
      const fact = factOf(folded);
      if (fact !== undefined) facts[fact.name] = fact.value;
      else if (IGNORED_LABELS.test(folded)) continue;
      else if (label.includes('…')) group.report('unknown_feature', `nobody reads ${label}`, 'items', label);
      else amenities.add(label.trim());
    }
  }
  return featuresOf(facts, amenities);
}

function featuresOf(facts: Partial<Record<Fact, string>>, amenities: ReadonlySet<string>): Features {
  return {
    amenities: [...amenities].sort(),
    floor: facts.floor ?? null,
    floorsCount: facts.floorsCount ?? null,
    landAreaM2: facts.landAreaM2 ?? null,
    builtTime: facts.builtTime ?? null,
  };
}

/** `" conCocinaIntegral_o:S"`: all but the first have a leading blank; the endings `_o` and `-cb` change nothing. */
function splitPair(pair: string): {key: string; value: string} {
  const [, key = pair.trim(), value = ''] = /^\s*([^:]+?)\s*:\s*(.*?)\s*$/s.exec(pair) ?? [];
  return {key: key.replace(/(?:_o|-cb)$/, ''), value};
}

function isIgnoredKey(key: string): boolean {
  return IGNORED_KEYS.has(key) || key.startsWith('tipo');
}

function factOf(folded: string): {name: Fact; value: string} | undefined {
  for (const [pattern, name] of FACT_LABELS) {
    const value = pattern.exec(folded)?.[1];
    if (value !== undefined) return {name, value};
  }
  return undefined;
}

function labelOf(key: string): string {
  const words = key
    .replace(/^con(?=[A-Z])/, '')
    .replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ')
    .toLowerCase();
  return LABELS[key] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

function addTerrace(amenities: Set<string>, value: string): void {
  if (foldText(value) !== 'ninguno') amenities.add(`Terraza/Balcón ${value.toLowerCase()}`);
}

function textsOf(fields: Taker, key: string): string[] {
  return fields.values(key).flatMap(value => {
    if (typeof value === 'string') return [value];
    fields.report('unexpected_type', 'expected text', key, value);
    return [];
  });
}
