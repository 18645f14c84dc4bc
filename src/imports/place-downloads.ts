/** What `raiz places update` asks for: open places of a city from OpenStreetMap and official servers, one request at a time. */
import {createHash} from 'node:crypto';
import {mkdir, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import PQueue from 'p-queue';
import {ConfigError, FetchError} from '../domain/errors.ts';
import {POI_CATEGORIES} from '../domain/vocabulary.ts';
import type {Box} from '../lib/geo.ts';
import {VALLE_DE_ABURRA} from '../lib/geo.ts';
import {OSM_TAGS} from './osm-tags.ts';
import type {PlaceImportOptions} from './places.ts';

/** One request and the imports made of its answer. */
export interface PlaceDownload {
  readonly name: string;
  readonly url: string;
  /** Sent as a form by POST; null: GET. */
  readonly query: string | null;
  readonly fileName: string;
  readonly imports: readonly Omit<PlaceImportOptions, 'asOf'>[];
}

const OVERPASS = 'https://overpass-api.de/api/interpreter';
const MEDELLIN_MAPS = 'https://www.medellin.gov.co/servidormapas/rest/services';
const OVERPASS_TIMEOUT_S = 180;

export const UPDATE_CITIES = ['medellin'] as const;

/** Downloads of a city. @throws ConfigError for a city nobody has described yet */
export function listDownloads(city: string): readonly PlaceDownload[] {
  if (!UPDATE_CITIES.some(known => known === city))
    throw new ConfigError(`no downloads are known for "${city}". Known: ${UPDATE_CITIES.join(', ')}.`);
  const osm = {source: 'OpenStreetMap', licence: 'ODbL 1.0'};
  return [
    {
      name: 'points of interest and main roads (Overpass)',
      url: OVERPASS,
      query: overpassQuery(VALLE_DE_ABURRA),
      fileName: 'medellin-osm.json',
      imports: POI_CATEGORIES.map(category => ({category, mayBeEmpty: true, ...osm})),
    },
    {
      name: 'barrios and veredas (GeoMedellín)',
      url: `${MEDELLIN_MAPS}/mapas_nacionales/VC_Limite_Politico_Admtivo/MapServer/0/query?where=1%3D1&outFields=*&outSR=4326&f=geojson`,
      query: null,
      fileName: 'medellin-barrios.geojson',
      imports: [
        {
          kind: 'neighbourhood',
          within: '05001',
          idField: 'CODIGO',
          nameField: 'NOMBRE',
          parentField: 'LIMITECOMU',
          source: 'GeoMedellín',
          licence: 'GeoMedellín open data terms',
        },
      ],
    },
  ];
}

/** All categories in one question: roads with their vertices, everything else with its middle. */
export function overpassQuery({south, west, north, east}: Box): string {
  const selectors = (isRoad: boolean) =>
    POI_CATEGORIES.filter(category => (category === 'main_road') === isRoad)
      .flatMap(category => OSM_TAGS[category])
      .map(test => `  ${isRoad ? 'way' : 'nwr'}${Object.entries(test).map(filterOf).join('')};`)
      .join('\n');
  return [
    `[out:json][timeout:${OVERPASS_TIMEOUT_S}][bbox:${south},${west},${north},${east}];`,
    `(\n${selectors(false)}\n);\nout center tags;`,
    `(\n${selectors(true)}\n);\nout geom tags;`,
  ].join('\n');
}

function filterOf([key, values]: [string, readonly string[]]): string {
  return values.length === 1 ? `["${key}"="${values[0]}"]` : `["${key}"~"^(${values.join('|')})$"]`;
}

export interface DownloadSettings {
  readonly userAgent: string;
  readonly folder: string;
  /** Stands in for every host, for copies on the loopback. */
  readonly baseUrl?: string | undefined;
  readonly deadlineMs: number;
  readonly maxBytes: number;
}

export interface DownloadedFile {
  readonly download: PlaceDownload;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a request goes: to its host, or to the same path under `baseUrl`. */
export function addressOf({url}: PlaceDownload, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return url;
  const {pathname, search} = new URL(url);
  return new URL(`${pathname}${search}`, baseUrl).href;
}

/**
 * Downloads one after the other; the first that fails ends it, and no file of this call is left half written.
 * @throws FetchError when a server refuses, is too slow, or sends more than `maxBytes`.
 */
export async function downloadPlaces(
  downloads: readonly PlaceDownload[],
  settings: DownloadSettings,
): Promise<DownloadedFile[]> {
  await mkdir(settings.folder, {recursive: true});
  const queue = new PQueue({concurrency: 1});
  const tasks = downloads.map(download => () => downloadOne(download, settings));
  try {
    return await queue.addAll(tasks);
  } finally {
    queue.clear();
  }
}

async function downloadOne(download: PlaceDownload, settings: DownloadSettings): Promise<DownloadedFile> {
  const url = addressOf(download, settings.baseUrl);
  const body = await fetchBody(url, download.query, settings);
  const path = join(settings.folder, download.fileName);
  await writeFile(`${path}.part`, body);
  await rename(`${path}.part`, path);
  return {download, path, bytes: body.length, sha256: createHash('sha256').update(body).digest('hex')};
}

async function fetchBody(url: string, query: string | null, settings: DownloadSettings): Promise<Buffer> {
  const {userAgent, deadlineMs, maxBytes} = settings;
  const host = new URL(url).host;
  try {
    const response = await fetch(url, {
      headers: {'user-agent': userAgent},
      signal: AbortSignal.timeout(deadlineMs),
      ...(query === null ? {} : {method: 'POST', body: new URLSearchParams({data: query})}),
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new FetchError(
        response.status === 429 ? 'throttled' : 'permanent',
        `${host} answered ${response.status}. Try again later; nothing was imported.`,
        {context: {status: response.status}},
      );
    }
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body) {
      bytes += part.length;
      if (bytes > maxBytes)
        throw new FetchError('permanent', `${host} sent more than ${maxBytes} bytes. Nothing was imported.`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (cause) {
    if (cause instanceof FetchError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FetchError(
      'transient',
      `${host} can't be read (${reason}). Try again later; nothing was imported.`,
      {cause},
    );
  }
}
