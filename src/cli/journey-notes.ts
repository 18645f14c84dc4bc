/** What minutes assume, in Spanish, as it stands under every table of trips. */
import {readTravelFacts} from '../db/travel-facts.ts';
import {linesAt, writeClock} from '../lib/travel-hours.ts';
import type {TravelGround} from '../travel/travel-plan.ts';

/** Lines of text: where walks come from, whether climbs count, and what the hour of departure changes. */
export function travelNotes(ground: TravelGround, departMinute: number): string[] {
  return [walkNote(ground), rideNote(departMinute)];
}

function walkNote({network, relief, passedOver}: TravelGround): string {
  if (network !== null) {
    const climbs = network.elevation.length > 0 ? 'con pendientes' : 'sin relieve: las subidas no cuentan';
    return `A pie: exacto por la red de calles de ${network.source} (${network.licence}, ${network.as_of}), a 4,8 km/h, ${climbs}. Bus: largo de la vía, velocidad supuesta.`;
  }
  const why =
    passedOver === null
      ? 'no hay red de calles (raiz places network build --help)'
      : `hay red de calles, pero no el motor: ${passedOver}`;
  const climbs =
    relief.length > 0
      ? `con la subida entre los extremos (Tobler 1993; ${[...new Set(relief.map(({source, as_of: asOf}) => `${source}, ${asOf}`))].join('; ')})`
      : 'relieve no contado: las laderas toman más (raiz places elevation --help)';
  return `A pie: estimado, línea recta × 1,3 a 4,8 km/h, ${climbs}; ${why}.`;
}

function rideNote(departMinute: number): string {
  const {lines} = readTravelFacts();
  const running = new Set(linesAt(lines, departMinute));
  const closed = lines.filter(line => !running.has(line)).map(({line}) => line);
  const service =
    closed.length === 0
      ? ''
      : closed.length === lines.length
        ? ' A esa hora no funciona ninguna línea del metro: sólo a pie o en bus, cuyo horario no se conoce.'
        : ` Sin servicio a esa hora: ${closed.join(', ')}.`;
  return `Salida a las ${writeClock(departMinute)} de un día hábil.${service} Metro y bus: estimados con velocidad e intervalo medios; la hora sólo cambia qué líneas funcionan. Tarifas con fuente y vigencia: api.fare.`;
}
