/** A value as people read it (Spanish), and as JSON. */
import type {FeatureRow} from '../domain/model.ts';
import type {PropertyType} from '../domain/vocabulary.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import type {ComparableHome} from '../ml/comparables.ts';
import {PART_NAMES} from '../ml/price-reasons.ts';
import type {FairRange, HomeValue, Standing} from '../valuation/value-home.ts';
import type {Answer, ValueSource} from '../valuation/value-one.ts';
import {formatTable} from './output.ts';

/** Comparables shown; all of them are counted. */
const MOST_SHOWN = 10;

const TYPES: Readonly<Record<PropertyType, string>> = {
  apartment: 'Apartamento',
  studio: 'Apartaestudio',
  house: 'Casa',
  country_house: 'Casa campestre',
  house_lot: 'Casa lote',
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

/** The whole answer as text. */
export function valueText(answer: Answer): string {
  if (answer.kind === 'no_model') return noModelText(answer.propertyType);
  const {value, notes, source} = answer;
  const blocks = [
    ...(source.isSynthetic ? ['SIMULADO: mercado simulado, ningún inmueble es real.'] : []),
    homeText(value.row),
    value.status === 'valued' ? rangeText(value.range, value.row) : missingText(value.missing),
    ...(value.status === 'valued' && value.standing !== null ? [standingText(value.standing)] : []),
    ...(value.status === 'valued' ? [reasonsText(value)] : []),
    comparablesText(value, source),
    ...(notes.length > 0 ? [list('Tenga en cuenta:', notes)] : []),
    sourceText(value, source),
  ];
  return blocks.join('\n\n');
}

export function noModelText(type: PropertyType): string {
  return (
    `Datos insuficientes: ningún modelo valora este tipo de inmueble (${TYPES[type].toLowerCase()}).\n` +
    'Los modelos aprenden de apartamentos, apartaestudios, casas y casas campestres.'
  );
}

/** `Apartamento de 80 m² en Laureles, Medellín · venta · estrato 5 · 3 alcobas · 2 baños`. */
export function homeText(row: FeatureRow): string {
  const place = [row.neighbourhood ?? row.district, row.municipality].filter(name => name !== null);
  const counted: readonly (readonly [number | null, string, string])[] = [
    [row.bedrooms, 'alcoba', 'alcobas'],
    [row.bathrooms, 'baño', 'baños'],
    [row.parkingSpaces, 'parqueadero', 'parqueaderos'],
  ];
  return [
    `${TYPES[row.propertyType]} de ${number(row.areaM2)} m²${place.length > 0 ? ` en ${place.join(', ')}` : ''}`,
    row.operation === 'sale' ? 'venta' : 'arriendo',
    ...(row.stratum === null ? [] : [`estrato ${row.stratum}`]),
    ...counted.flatMap(([count, one, many]) =>
      count === null ? [] : [`${count} ${count === 1 ? one : many}`],
    ),
  ].join(' · ');
}

function rangeText({lowCop, midCop, highCop}: FairRange, {areaM2}: FeatureRow): string {
  return (
    `Rango justo (80 %): ${pesos(lowCop)} a ${pesos(highCop)}\n` +
    `Centro: ${pesos(midCop)} (${pesos(midCop / areaM2)} por m²)`
  );
}

const POSITIONS = {below: 'por debajo del', inside: 'dentro del', above: 'por encima del'} as const;

function standingText({askingCop, gapPct, position, reasons}: Standing): string {
  const size = `${Math.abs(Math.round(gapPct))} % ${gapPct < 0 ? 'menos' : 'más'}`;
  const head = `Se pide ${pesos(askingCop)}: ${size} que el centro, ${POSITIONS[position]} rango.`;
  return list(
    head,
    reasons.map(({text}) => text),
  );
}

function reasonsText({reasons}: HomeValue & {status: 'valued'}): string {
  const [typical, ...lines] = reasons;
  if (typical === undefined) return 'Por qué: este modelo no puede decir de qué se compone el precio.';
  return [
    'Por qué (las líneas suman la diferencia con lo típico de la zona):',
    `  ${typical.text}`,
    ...lines.map(({text}) => `    ${text}`),
  ].join('\n');
}

function missingText(missing: readonly string[]): string {
  return list('Datos insuficientes para dar un rango. Falta:', missing);
}

function comparablesText({comparables}: HomeValue, {lastSeen}: ValueSource): string {
  const {count, homes, radiusM, medianPerM2} = comparables;
  if (count === 0) return 'Comparables: ninguno.';
  const shown = homes.slice(0, MOST_SHOWN);
  const which = count > shown.length ? `; los ${shown.length} más parecidos` : '';
  const middle = medianPerM2 === null ? '' : `, mediana ${pesos(medianPerM2)} por m²`;
  const table = formatTable<ComparableHome>(shown, [
    {title: 'aviso', value: home => home.listingId},
    {title: 'm²', align: 'right', value: home => number(home.areaM2)},
    {title: 'alcobas', align: 'right', value: home => home.bedrooms},
    {title: 'baños', align: 'right', value: home => home.bathrooms},
    {title: 'estrato', align: 'right', value: home => home.stratum},
    {title: 'se pide', align: 'right', value: home => pesos(home.priceCop)},
    {title: 'por m²', align: 'right', value: home => pesos(home.perM2)},
    {
      title: 'a',
      align: 'right',
      value: home => (home.distanceM === null ? 'mismo barrio' : `${number(Math.round(home.distanceM))} m`),
    },
    {title: 'visto', value: home => dayOf(lastSeen.get(home.listingId))},
  ]);
  return `Comparables: ${count} a menos de ${number(radiusM / 1000)} km${middle}${which}\n${table}`;
}

function sourceText({isOutOfFold}: HomeValue, {model, dataUntil}: ValueSource): string {
  const {metrics} = model;
  const share = (value: number) => `${number(Math.round(value * 1000) / 10)} %`;
  return [
    `Modelo ${model.algorithm} (${model.modelId}), entrenado el ${bogotaDay(model.trainedAt)} con ${number(model.trainingRows)} avisos; avisos vistos hasta el ${dayOf(dataUntil ?? undefined)}.`,
    `En validación: error mediano ${share(metrics.mdape)}; ${share(metrics.within10)} de los avisos a menos de 10 %${metrics.coverage80 === null ? '' : `; el rango contiene ${share(metrics.coverage80)}`}.`,
    isOutOfFold
      ? 'El modelo que habla nunca vio este inmueble (validación cruzada).'
      : 'El modelo no vio este aviso al entrenar.',
    'Son precios pedidos en avisos, no precios de cierre.',
  ].join('\n');
}

/** The answer as a plain value for `--json`. */
export function valueJson(answer: Answer): Record<string, unknown> {
  if (answer.kind === 'no_model') {
    const {propertyType} = answer;
    return {status: 'insufficient_data', propertyType, missing: [`no model prices ${propertyType}`]};
  }
  const {value, notes, source} = answer;
  const {row, comparables} = value;
  const {priceCop, priceValidFrom: _from, description: _text, ...home} = row;
  const valued = value.status === 'valued' ? value : null;
  return {
    status: value.status,
    isSynthetic: source.isSynthetic,
    listingId: row.listingId,
    home: {...home, askingCop: priceCop > 0 ? priceCop : null},
    ...(value.status === 'insufficient_data' ? {missing: value.missing} : {}),
    lowCop: valued?.range.lowCop ?? null,
    midCop: valued?.range.midCop ?? null,
    highCop: valued?.range.highCop ?? null,
    difference: valued?.difference ?? null,
    partNames: PART_NAMES,
    reasons: valued?.reasons ?? [],
    standing: valued?.standing ?? null,
    comparables: {
      ...comparables,
      homes: comparables.homes.map(each => ({
        ...each,
        lastSeenOn: dayOf(source.lastSeen.get(each.listingId)),
      })),
    },
    notes,
    isOutOfFold: value.isOutOfFold,
    model: source.model.modelId,
    algorithm: source.model.algorithm,
    trainedAt: source.model.trainedAt,
    trainingRows: source.model.trainingRows,
    metrics: source.model.metrics,
    dataUntil: dayOf(source.dataUntil ?? undefined),
  };
}

function list(head: string, lines: readonly string[]): string {
  return [head, ...lines.map(line => `  · ${line}`)].join('\n');
}

const NUMBERS = new Intl.NumberFormat('es-CO', {maximumFractionDigits: 1});

function number(value: number): string {
  return NUMBERS.format(value);
}

/** `452 M`, `5,79 M`, `980 mil`. */
export function pesos(cop: number): string {
  if (Math.abs(cop) < 1e6) return `${number(Math.round(cop / 1000))} mil`;
  const millions = cop / 1e6;
  const digits = Math.abs(millions) >= 100 ? 0 : Math.abs(millions) >= 10 ? 1 : 2;
  return `${millions.toFixed(digits).replace('.', ',')} M`;
}

function dayOf(instant: Date | undefined): string | null {
  return instant === undefined ? null : bogotaDay(instant);
}
