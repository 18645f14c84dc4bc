/** Answers of the Overpass API (`[out:json]`): <https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL>. */
import {z} from 'zod';
import {ConfigError} from '../domain/errors.ts';
import type {PlaceFeature} from './place-file.ts';

const degrees = {lat: z.number(), lon: z.number()};
const element = z.object({
  type: z.enum(['node', 'way', 'relation']),
  id: z.number().int().positive(),
  lat: z.number().optional(),
  lon: z.number().optional(),
  center: z.object(degrees).optional(),
  geometry: z.array(z.object(degrees).nullable()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
const answer = z.object({
  elements: z.array(element),
  /** The server's word on an answer that is not whole. */
  remark: z.string().optional(),
});

export function isOverpass(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'elements' in value;
}

/**
 * Tags become fields beside `osm_type` and `osm_id`. A road asked with `out geom` is a line, all else a point (its own,
 * or the `center` that `out center` gives). Untagged nodes are corners of something else: left out.
 * @throws ConfigError when the answer is malformed or says that it is not whole.
 */
export function readOverpass(value: unknown, name: string): PlaceFeature[] {
  const checked = answer.safeParse(value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new ConfigError(
      `${name} is not an Overpass answer: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}. Ask again with [out:json].`,
    );
  }
  const {elements, remark} = checked.data;
  if (remark !== undefined && /error|timed out|out of memory/i.test(remark)) {
    throw new ConfigError(
      `${name} is not whole: Overpass says "${remark.slice(0, 120)}". Ask for a smaller area or with a longer [timeout:…].`,
    );
  }
  return elements.flatMap(part => (part.tags === undefined ? [] : [featureOf(part, part.tags)]));
}

function featureOf(part: z.infer<typeof element>, tags: Readonly<Record<string, string>>): PlaceFeature {
  return {
    where: `${part.type}/${part.id}`,
    fields: {...tags, osm_type: part.type, osm_id: String(part.id)},
    shape: shapeOf(part, tags.highway !== undefined),
  };
}

function shapeOf(
  {lat, lon, center, geometry}: z.infer<typeof element>,
  isRoad: boolean,
): PlaceFeature['shape'] {
  if (lat !== undefined && lon !== undefined) return {type: 'point', latitude: lat, longitude: lon};
  const vertices = (geometry ?? []).flatMap(vertex => (vertex === null ? [] : [[vertex.lon, vertex.lat]]));
  if (isRoad && vertices.length > 1) return {type: 'line', lines: [vertices]};
  if (center !== undefined) return {type: 'point', latitude: center.lat, longitude: center.lon};
  return vertices.length === 0 ? null : middleOf(vertices);
}

/** Middle of the box around vertices `[longitude, latitude]`: what Overpass calls a centre. */
export function middleOf(vertices: readonly (readonly number[])[]): PlaceFeature['shape'] {
  const middle = (axis: 0 | 1): number => {
    const values = vertices.map(vertex => vertex[axis] ?? Number.NaN);
    return (values.reduce((a, b) => Math.min(a, b)) + values.reduce((a, b) => Math.max(a, b))) / 2;
  };
  return {type: 'point', latitude: middle(1), longitude: middle(0)};
}
