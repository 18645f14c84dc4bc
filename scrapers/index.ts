import {ConfigError} from '../src/domain/errors.ts';
import type {Portal} from '../src/portal/define-portal.ts';
import fincaraiz from './fincaraiz.ts';

/** Every portal Raíz can read. */
export const portals: readonly Portal[] = [fincaraiz];

/** The portal of an id; a `ConfigError` that lists the known ones otherwise. */
export function findPortal(id: string): Portal {
  const portal = portals.find(candidate => candidate.id === id);
  if (portal !== undefined) return portal;
  const known = portals.map(candidate => candidate.id).join(', ');
  throw new ConfigError(`there is no portal "${id}"; known portals: ${known}`, {context: {id}});
}
