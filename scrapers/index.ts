import {ConfigError} from '../src/domain/errors.ts';
import type {DeclinedPortal, Portal} from '../src/portal/define-portal.ts';
import ciencuadras from './ciencuadras.ts';
import fincaraiz from './fincaraiz.ts';
import mercadolibre from './mercadolibre.ts';
import metrocuadrado from './metrocuadrado.ts';
import properati from './properati.ts';

/** Every portal Raíz can read. */
export const portals: readonly Portal[] = [fincaraiz, metrocuadrado, ciencuadras];

/** Portals that Raíz knows and leaves alone, with the reason. */
export const declinedPortals: readonly DeclinedPortal[] = [properati, mercadolibre];

/** The portal of an id; a `ConfigError` that lists the known ones, or says why it is left alone, otherwise. */
export function findPortal(id: string): Portal {
  const portal = portals.find(candidate => candidate.id === id);
  if (portal !== undefined) return portal;
  const declined = declinedPortals.find(candidate => candidate.id === id);
  if (declined !== undefined) {
    throw new ConfigError(`Raíz leaves ${declined.name} alone: ${declined.caveats[0]}`, {context: {id}});
  }
  const known = portals.map(candidate => candidate.id).join(', ');
  throw new ConfigError(`there is no portal "${id}"; known portals: ${known}`, {context: {id}});
}
