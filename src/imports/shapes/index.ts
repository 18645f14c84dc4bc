import {ConfigError} from '../../domain/errors.ts';
import {type Mapping, mappedColumns} from '../mapping.ts';
import {fincaraiz2020Api} from './fincaraiz-2020-api.ts';
import {fincaraiz2023} from './fincaraiz-2023.ts';
import {fincaraizArriendos2019} from './fincaraiz-arriendos-2019.ts';
import {fincaraizCasas2021} from './fincaraiz-casas-2021.ts';
import {metrocuadrado2021} from './metrocuadrado-2021.ts';

/** Exports of portals that were found in the wild, each a mapping that any file with its columns can use. */
export const SHAPES: readonly Mapping[] = [
  fincaraizCasas2021,
  metrocuadrado2021,
  fincaraiz2023,
  fincaraizArriendos2019,
  fincaraiz2020Api,
];

/** @throws ConfigError when there is no shape of that name; the message lists them. */
export function shapeNamed(name: string): Mapping {
  const found = SHAPES.find(shape => shape.name === name);
  if (found === undefined) {
    throw new ConfigError(`unknown shape "${name}". Shapes: ${SHAPES.map(shape => shape.name).join(', ')}`);
  }
  return found;
}

/**
 * The shape whose columns a file has, all of them and no unknown ones.
 * @throws ConfigError when no shape fits, naming what the nearest one lacks, or when several do.
 */
export function shapeOf(columns: readonly string[], file: string): Mapping {
  const fits = SHAPES.map(shape => fitOf(shape, columns));
  const [best, ...others] = fits.filter(fit => fit.missing.length === 0 && fit.unknown.length === 0);
  if (best !== undefined && others.length === 0) return best.shape;
  if (best !== undefined) {
    const names = [best, ...others].map(fit => fit.shape.name).join(', ');
    throw new ConfigError(`${file}: its columns fit several shapes (${names}). Choose one with --shape.`);
  }
  const lines = fits
    .toSorted((a, b) => a.missing.length + a.unknown.length - b.missing.length - b.unknown.length)
    .map(fit => `  ${fit.shape.name}: ${listed('lacks', fit.missing)}${listed('has besides', fit.unknown)}`);
  throw new ConfigError(
    `${file}: its columns are those of no known shape:\n${lines.join('\n')}\n` +
      'Use one anyway with --shape, or write a mapping and give it with --map (raiz import --help shows one).',
    {context: {columns}},
  );
}

interface Fit {
  readonly shape: Mapping;
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
}

function fitOf(shape: Mapping, columns: readonly string[]): Fit {
  const mapped = mappedColumns(shape);
  const known = new Set([...mapped, ...shape.ignore]);
  return {
    shape,
    missing: mapped.filter(name => !columns.includes(name)),
    unknown: columns.filter(name => !known.has(name)),
  };
}

function listed(verb: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, 6).map(name => name || '(no name)');
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `${verb} ${shown.join(', ')}${more}; `;
}
