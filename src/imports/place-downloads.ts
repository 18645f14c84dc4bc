/** What `raiz places update` asks for: open places of a city from OpenStreetMap and official servers, one request at a time. */
import {createHash} from 'node:crypto';
import {mkdir, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import PQueue from 'p-queue';
import {z} from 'zod';
import {ConfigError, FetchError} from '../domain/errors.ts';
import {POI_CATEGORIES} from '../domain/vocabulary.ts';
import type {Box} from '../lib/geo.ts';
import {VALLE_DE_ABURRA} from '../lib/geo.ts';
import {OSM_TAGS} from './osm-tags.ts';
import type {PlaceImportOptions} from './place-options.ts';

/** One request and the imports made of its answer. */
export interface PlaceDownload {
  readonly name: string;
  readonly url: string;
  /** Sent as a form by POST; null: GET. */
  readonly query: string | null;
  /** An ArcGIS layer: pages are asked for until the last. */
  readonly isPaged: boolean;
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
      isPaged: false,
      fileName: 'medellin-osm.json',
      imports: POI_CATEGORIES.map(category => ({category, mayBeEmpty: true, ...osm})),
    },
    {
      name: 'barrios and veredas (GeoMedellín)',
      url: `${MEDELLIN_MAPS}/mapas_nacionales/VC_Limite_Politico_Admtivo/MapServer/0/query?where=1%3D1&outFields=*&outSR=4326&f=geojson`,
      query: null,
      isPaged: true,
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
  const body = download.isPaged
    ? await fetchPages(url, settings)
    : await fetchBody(url, download.query, settings);
  readJson(body, url);
  const path = join(settings.folder, download.fileName);
  await writeFile(`${path}.part`, body);
  await rename(`${path}.part`, path);
  return {download, path, bytes: body.length, sha256: createHash('sha256').update(body).digest('hex')};
}

/** Only JSON is kept: a web page, a server's error with status 200 or half an answer must not replace a good file. */
function readJson(body: Buffer, url: string): unknown {
  const {host} = new URL(url);
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new FetchError('transient', `${host} sent no whole JSON. Try again later; nothing was imported.`, {
      cause,
    });
  }
  const failed = arcgisError.safeParse(answer);
  if (!failed.success) return answer;
  const {message} = failed.data.error;
  throw new FetchError(
    'transient',
    `${host} answered with an error: ${message}. Try again later; nothing was imported.`,
  );
}

const arcgisError = z.object({error: z.object({message: z.string().default('no reason given')})});

const arcgisPage = z.object({
  features: z.array(z.unknown()),
  exceededTransferLimit: z.boolean().optional(),
  properties: z.object({exceededTransferLimit: z.boolean().optional()}).optional(),
});

/** Servers that cut pages without a word cut them at round numbers. */
const ROUND_PAGE = 1000;
const MAX_PAGES = 100;

/**
 * All pages of a layer as one collection.
 * @throws FetchError when the server sends the same page again, or no end is found.
 */
async function fetchPages(url: string, settings: DownloadSettings): Promise<Buffer> {
  const {host} = new URL(url);
  const features: unknown[] = [];
  let before = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const address = new URL(url);
    address.searchParams.set('resultOffset', String(features.length));
    const body = await fetchBody(address.href, null, settings);
    const checked = arcgisPage.safeParse(readJson(body, url));
    if (!checked.success)
      throw new FetchError(
        'permanent',
        `${host} sent no GeoJSON features. Has the layer moved? Nothing was imported.`,
      );
    const {features: own, properties, exceededTransferLimit} = checked.data;
    const text = JSON.stringify(own);
    if (own.length > 0 && text === before)
      throw new FetchError('permanent', `${host} sends the same page again and again. Nothing was imported.`);
    before = text;
    features.push(...own);
    const isCut = exceededTransferLimit === true || properties?.exceededTransferLimit === true;
    if (own.length === 0 || (!isCut && own.length % ROUND_PAGE !== 0))
      return Buffer.from(JSON.stringify({type: 'FeatureCollection', features}));
  }
  throw new FetchError('permanent', `${host} has more than ${MAX_PAGES} pages. Nothing was imported.`);
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
        `${host} answered ${response.status}. ${waitOf(response)}; nothing was imported.`,
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

/** What the server itself asks for, in seconds or as a date. */
function waitOf(response: Response): string {
  const asked = response.headers.get('retry-after');
  if (asked === null) return 'Try again later';
  return /^\d+$/.test(asked)
    ? `It asks to wait ${asked} s before trying again`
    : `It asks to wait until ${asked}`;
}
