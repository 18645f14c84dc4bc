/** What Valhalla is told, for building a street network and for asking it. No server, no address: all is on this disk. */

const QUIET = {type: ''};
const NEVER_SLOW_MS = 1e9;
const EVERY_COSTING = [
  'auto',
  'bus',
  'taxi',
  'pedestrian',
  'motor_scooter',
  'motorcycle',
  'bicycle',
  'multimodal',
  'transit',
  'truck',
  'bikeshare',
] as const;

const LIMITS = {
  max_distance: 200_000,
  max_locations: 2000,
  max_matrix_distance: 200_000,
  max_matrix_location_pairs: 100_000,
};

/** It reads each of these keys and fails on the first one that is missing, though nothing here matches traces. */
const MATCHING = {
  mode: 'auto',
  customizable: [],
  verbose: false,
  default: {
    sigma_z: 4.07,
    gps_accuracy: 5,
    beta: 3,
    max_route_distance_factor: 5,
    max_route_time_factor: 5,
    max_search_radius: 100,
    breakage_distance: 2000,
    interpolation_distance: 10,
    search_radius: 50,
    geometry: false,
    route: true,
    turn_penalty_factor: 0,
  },
  grid: {size: 500, cache_size: 100_240},
  logging: QUIET,
};

const SERVICE_LIMITS = {
  ...Object.fromEntries(EVERY_COSTING.map(costing => [costing, LIMITS])),
  pedestrian: {...LIMITS, min_transit_walking_distance: 1, max_transit_walking_distance: 10_000},
  skadi: {max_shape: 750_000, min_resample: 10},
  isochrone: {
    max_contours: 4,
    max_time_contour: 120,
    max_distance: 25_000,
    max_locations: 1,
    max_distance_contour: 200,
  },
  trace: {
    max_distance: 200_000,
    max_gps_accuracy: 100,
    max_search_radius: 100,
    max_shape: 16_000,
    max_alternates: 3,
    max_alternates_shape: 100,
  },
  centroid: {max_distance: 200_000, max_locations: 5},
  status: {allow_verbose: false},
  max_exclude_locations: 50,
  max_reachability: 100,
  max_radius: 200,
  max_timedep_distance: 500_000,
  max_timedep_distance_matrix: 0,
  max_alternates: 2,
  max_exclude_polygons_length: 10_000,
  max_distance_disable_hierarchy_culling: 0,
  allow_hard_exclusions: false,
  hierarchy_limits: {allow_modification: false},
};

/**
 * @param tileDir folder of the network
 * @param elevationDir folder of relief (`N06/N06W076.hgt`), read while building only; empty: none
 */
export function engineConfig(tileDir: string, elevationDir = ''): Readonly<Record<string, unknown>> {
  return {
    mjolnir: {
      tile_dir: tileDir,
      max_cache_size: 500_000_000,
      id_table_size: 1_300_000,
      logging: QUIET,
      hierarchy: true,
      shortcuts: true,
      include_driveways: true,
      include_pedestrian: true,
      include_bicycle: true,
      include_driving: true,
    },
    additional_data: {elevation: elevationDir},
    loki: {
      actions: ['locate', 'sources_to_targets'],
      use_connectivity: true,
      service_defaults: {
        radius: 0,
        minimum_reachability: 50,
        search_cutoff: 35_000,
        node_snap_tolerance: 5,
        street_side_tolerance: 5,
        street_side_max_distance: 1000,
        heading_tolerance: 60,
      },
      logging: {...QUIET, long_request: NEVER_SLOW_MS},
    },
    thor: {
      // The engine's own choice, timedistancematrix, takes hills the wrong way round when it searches from the targets.
      source_to_target_algorithm: 'costmatrix',
      logging: {...QUIET, long_request: NEVER_SLOW_MS},
    },
    odin: {logging: QUIET, markup_formatter: {markup_enabled: false}},
    meili: MATCHING,
    service_limits: SERVICE_LIMITS,
  };
}
