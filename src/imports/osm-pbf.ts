/** Features of an OSM PBF file: three passes, so that only coordinates of wanted objects are held. */
import {visitPbf} from './osm-blocks.ts';
import {middleOf} from './osm-overpass.ts';
import type {OsmTags} from './osm-tags.ts';
import type {PlaceFeature} from './place-file.ts';

interface Wanted {
  readonly type: 'way' | 'relation';
  readonly id: number;
  readonly tags: OsmTags;
  /** Parts, each a list of nodes; of a relation filled when its ways are read. */
  readonly parts: (readonly number[])[];
}

/**
 * Objects whose tags are wanted, with the same fields and shapes as `readOverpass`: roads as lines, other ways and
 * relations as the middle of their box. An object whose nodes the file leaves out has no position.
 * @throws ConfigError when the file is empty, cut off, or no OSM PBF.
 */
export async function readPbf(path: string, isWanted: (tags: OsmTags) => boolean): Promise<PlaceFeature[]> {
  const wanted: Wanted[] = [];
  const relationsOfWay = new Map<number, Wanted[]>();
  await visitPbf(path, {
    relation: (id, wayIds, nodeIds, tags) => {
      if (!isWanted(tags)) return;
      const relation: Wanted = {type: 'relation', id, tags, parts: [nodeIds]};
      wanted.push(relation);
      for (const wayId of wayIds) relationsOfWay.set(wayId, [...(relationsOfWay.get(wayId) ?? []), relation]);
    },
  });
  await visitPbf(path, {
    way: (id, nodeIds, tags) => {
      for (const relation of relationsOfWay.get(id) ?? []) relation.parts.push(nodeIds);
      if (isWanted(tags)) wanted.push({type: 'way', id, tags, parts: [nodeIds]});
    },
  });
  const needed = new Set(wanted.flatMap(({parts}) => parts.flat()));
  const positions = new Map<number, readonly number[]>();
  const features: PlaceFeature[] = [];
  await visitPbf(path, {
    node: (id, latitude, longitude, tags) => {
      if (needed.has(id)) positions.set(id, [longitude, latitude]);
      if (isWanted(tags)) features.push(featureOf('node', id, tags, {type: 'point', latitude, longitude}));
    },
  });
  for (const {type, id, tags, parts} of wanted) {
    const lines = parts.map(nodeIds =>
      nodeIds.flatMap(nodeId => {
        const position = positions.get(nodeId);
        return position === undefined ? [] : [[...position]];
      }),
    );
    features.push(featureOf(type, id, tags, shapeOf(lines, type === 'way' && tags.highway !== undefined)));
  }
  return features;
}

function shapeOf(lines: number[][][], isRoad: boolean): PlaceFeature['shape'] {
  const vertices = lines.flat();
  if (vertices.length === 0) return null;
  return isRoad && vertices.length > 1 ? {type: 'line', lines} : middleOf(vertices);
}

function featureOf(
  type: 'node' | 'way' | 'relation',
  id: number,
  tags: OsmTags,
  shape: PlaceFeature['shape'],
): PlaceFeature {
  return {where: `${type}/${id}`, fields: {...tags, osm_type: type, osm_id: String(id)}, shape};
}
