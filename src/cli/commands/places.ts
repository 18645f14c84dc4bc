import {Command, InvalidArgumentError} from 'commander';
import {selectPlaceFiles, summarisePlaces, summarisePois} from '../../db/places.ts';
import {PLACE_KINDS, POI_CATEGORIES} from '../../domain/vocabulary.ts';
import {COVERAGE_TOLERANCE} from '../../imports/place-checks.ts';
import {importPlaces, type PlaceImportReport} from '../../imports/places.ts';
import {loadReferenceData} from '../../imports/reference.ts';
import {withDatabase} from '../context.ts';
import {formatCount, formatTable, print, printJson} from '../output.ts';
import {placesElevationCommand, placesNetworkCommand} from './places-network.ts';
import {placesUpdateCommand} from './places-update.ts';

interface CommonFlags {
  readonly demo?: boolean;
  readonly json?: boolean;
}

interface ImportFlags extends CommonFlags {
  readonly category?: string;
  readonly kind?: string;
  readonly source: string;
  readonly licence: string;
  readonly asOf: string;
  readonly codeField?: string;
  readonly nameField?: string;
  readonly parentField?: string;
  readonly within?: string;
  readonly lat?: string;
  readonly lon?: string;
  readonly where?: Record<string, string>;
  readonly corners?: boolean;
  readonly stratumField?: string;
  readonly blockField?: string;
}

export function placesCommand(): Command {
  return new Command('places')
    .description('areas and points of interest that listings are placed by')
    .addCommand(importCommand())
    .addCommand(placesUpdateCommand())
    .addCommand(placesNetworkCommand())
    .addCommand(placesElevationCommand())
    .addCommand(listCommand());
}

const IMPORT_EXAMPLES = `
Examples:
  raiz places import malls.geojson --category mall --where shop=mall \\
    --source "OpenStreetMap" --licence "ODbL 1.0" --as-of 2026-02-27
  raiz places import clinics.csv --category hospital --id codigo --lat y --lon x \\
    --source "REPS" --licence "datos.gov.co" --as-of 2025-01-01
  raiz places import barrios.geojson.gz --kind neighbourhood --within 05001 \\
    --code-field CODIGO --name-field NOMBRE --parent-field LIMITECOMU \\
    --source "GeoMedellín" --licence "GeoMedellín open data terms" --as-of 2014-01-01

  raiz places import antioquia.osm.pbf --category school \
    --source "OpenStreetMap" --licence "ODbL 1.0" --as-of 2026-11-01
  raiz places import homes.csv --kind stratum --block-field MANZANA \
    --source "Catastro" --licence "open data terms" --as-of 2022-05-01

Files are .geojson, .json (GeoJSON or an Overpass answer), .csv, these also with .gz, or .osm.pbf, in WGS84 degrees.
Of an Overpass answer or a PBF file the objects with the category's tags are taken, or those that --where asks for. Of
an area with --category the centre is taken, a line stays a line. Nothing is written unless the whole set is sound: an
id or code for each row, positions in Colombia, outlines that don't cross themselves, OpenStreetMap under ODbL. The same files again change nothing; a later edition updates what has
the same id, so keep --source the same from one edition to the next and let --as-of say which it is.
The next raiz stage enrich places all listings anew.`;

function importCommand(): Command {
  return new Command('import')
    .description('read files of points of interest (--category) or areas (--kind)')
    .argument('<file...>', 'GeoJSON, CSV, Overpass JSON or OSM PBF')
    .option('--category <word>', `points of interest: ${POI_CATEGORIES.join(', ')}`)
    .option('--kind <word>', `areas: ${PLACE_KINDS.join(', ')}; or stratum: homes or blocks of known stratum`)
    .requiredOption('--source <text>', 'where the file comes from')
    .requiredOption('--licence <text>', 'its licence; OpenStreetMap is "ODbL 1.0"')
    .requiredOption('--as-of <day>', 'the day it speaks of, as 2026-02-27')
    .option('--id, --code-field <field>', 'official id of a point or code of an area (usual names are found)')
    .option('--name, --name-field <field>', 'name (usual names are found)')
    .option('--parent-field <field>', "areas: code of the area's parent")
    .option('--within <code>', 'areas: codes are numbered inside this place and become <code>-…')
    .option('--corners', 'points are corners of OpenStreetMap outlines: gather them into one point each')
    .option('--stratum-field <field>', 'stratum: field with 1 to 6 (usual names are found)')
    .option('--block-field <field>', 'stratum: code of the block (usual names are found)')
    .option('--lat <field>', 'CSV: column of the latitude (usual names are found)')
    .option('--lon <field>', 'CSV: column of the longitude')
    .option('--where <field=value>', 'only features with this value; may be repeated', collectCondition)
    .option('--demo', 'into the simulated installation')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', IMPORT_EXAMPLES)
    .action(async (files: string[], flags: ImportFlags) => {
      const {lat, lon, codeField, demo, json, ...rest} = flags;
      const options = {...rest, latitudeField: lat, longitudeField: lon, idField: codeField};
      await withDatabase({demo}, async ({database}) => {
        const report = await importPlaces(database, files, options);
        if (json === true) printJson(report);
        else print(reportText(report));
      });
    });
}

function collectCondition(text: string, conditions: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write field=value, as shop=mall.');
  return {...conditions, [text.slice(0, at)]: text.slice(at + 1)};
}

function reportText(report: PlaceImportReport): string {
  const {inserted, updated, unchanged, removed} = report;
  const notes: [number, string][] = [
    [report.notAsked, 'left out by --where'],
    [report.withoutPosition, 'skipped: no position stated'],
    [report.gathered, 'corners gathered into the objects they outline'],
    [report.withoutStratum, 'left out: no stratum from 1 to 6'],
    [report.repeated, 'with an id that came before, taken as the same object'],
    [report.unknownParents, 'places in the database whose parent is not there yet: import it too'],
  ];
  const {coverage} = report;
  const share = (m2: number) => `${((100 * m2) / (coverage?.areaM2 || 1)).toFixed(2)} %`;
  const isUneven = (m2: number) => coverage !== null && m2 > coverage.areaM2 * COVERAGE_TOLERANCE;
  const uneven =
    coverage !== null && (isUneven(coverage.overlapM2) || isUneven(coverage.holesM2))
      ? [
          `  the areas overlap on ${share(coverage.overlapM2)} of their ground and leave holes of ${share(coverage.holesM2)}: points there are placed by the smaller area, or not at all`,
        ]
      : [];
  return [
    `${report.holds}: ${formatCount(report.features)} features read`,
    `  ${formatCount(inserted)} inserted · ${formatCount(updated)} updated · ${formatCount(unchanged)} unchanged · ${formatCount(removed)} removed`,
    ...notes.filter(([amount]) => amount > 0).map(([amount, text]) => `  ${formatCount(amount)} ${text}`),
    ...uneven,
  ].join('\n');
}

function listCommand(): Command {
  return new Command('list')
    .description('what is known, by kind or category, with source, licence and day')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  raiz places list --json')
    .action(async (flags: CommonFlags) => {
      await withDatabase({demo: flags.demo}, async ({database}) => {
        await loadReferenceData(database);
        const places = await summarisePlaces(database.orm);
        const pois = await summarisePois(database.orm);
        const files = await selectPlaceFiles(database.orm);
        if (flags.json === true) printJson({places, pois, files});
        else print(listText(places, pois, files));
      });
    });
}

type Places = Awaited<ReturnType<typeof summarisePlaces>>;
type Pois = Awaited<ReturnType<typeof summarisePois>>;
type Files = Awaited<ReturnType<typeof selectPlaceFiles>>;

function listText(places: Places, pois: Pois, files: Files): string {
  const provenance = [
    {title: 'source', value: (row: {source: string}) => row.source},
    {title: 'licence', value: (row: {licence: string}) => row.licence},
    {title: 'as of', value: (row: {asOf: string}) => row.asOf},
  ];
  return [
    formatTable(places, [
      {title: 'areas', value: row => row.kind},
      {title: 'places', align: 'right', value: row => row.places},
      {title: 'with polygon', align: 'right', value: row => row.areas},
      ...provenance,
    ]),
    '',
    formatTable(pois, [
      {title: 'points of interest', value: row => row.category},
      {title: 'points', align: 'right', value: row => row.points},
      ...provenance,
    ]),
    ...(files.length === 0
      ? []
      : [
          '',
          formatTable(files, [
            {title: 'imported file', value: row => row.fileName},
            {title: 'holds', value: row => row.holds},
            {title: 'features', align: 'right', value: row => row.features},
            {title: 'sha-256', value: row => row.sha256.slice(0, 12)},
            ...provenance,
          ]),
        ]),
  ].join('\n');
}
