import {
  deleteListings,
  type HistoryRows,
  listingWork,
  loadListingEvidence,
  replaceHistories,
} from '../../src/db/listings.ts';
import {refreshSurges} from '../../src/db/surges.ts';
import {defineStage} from '../../src/stage/define-stage.ts';
import {type CleanedListing, foldListing} from './core.ts';

/** Observations → what we believe: versions, prices, status and spells of every listing, and why not the rest. */
export const cleanStage = defineStage({
  name: 'clean',
  version: 4,
  reads: ['raw.observation', 'raw.sighting', 'ops.run_scope', 'ops.absence_decision'],
  writes: [
    'ops.absence_surge',
    'core.listing',
    'core.listing_version',
    'core.listing_price',
    'core.listing_status',
    'core.listing_spell',
    'core.quarantine',
  ],
  batchSize: 1000,
  refresh: ({orm}) => refreshSurges(orm),
  work: options => listingWork(options.portal),
  prepare: async () => undefined,
  load: loadListingEvidence,
  core: input => foldListing(input),
  save: async (tx, results) => {
    const rows = rowsOf(results);
    await replaceHistories(tx, rows);
    return {
      listings: rows.listings.length,
      versions: rows.versions.length,
      prices: rows.prices.length,
      spells: rows.spells.length,
      findings: rows.findings.length,
    };
  },
  remove: deleteListings,
});

type Rows = {[Key in keyof HistoryRows]: HistoryRows[Key][number][]};

function rowsOf(
  results: readonly {readonly key: string; readonly output: CleanedListing | undefined}[],
): HistoryRows {
  const rows: Rows = {listings: [], versions: [], prices: [], statuses: [], spells: [], findings: []};
  for (const {key: listingId, output} of results) {
    if (output === undefined) continue;
    const {history, findings, isSynthetic} = output;
    const {portal, idSpace, portalListingId, url} = history.latest;
    const {firstSeenAt, lastSeenAt, status} = history;
    rows.listings.push({
      listingId,
      portal,
      idSpace,
      portalListingId,
      url,
      firstSeenAt,
      lastSeenAt,
      status,
      isSynthetic,
    });
    for (const {validFrom, validTo, payloadHash, listing} of history.versions) {
      const {portal: _p, idSpace: _s, portalListingId: _i, url: _u, offers: _o, ...attributes} = listing;
      rows.versions.push({
        ...attributes,
        listingId,
        validFrom,
        validTo,
        payloadHash,
        amenities: [...listing.amenities],
        exclusions: [...listing.exclusions],
      });
    }
    for (const price of history.prices) rows.prices.push({listingId, ...price});
    for (const interval of history.statuses) rows.statuses.push({listingId, ...interval});
    for (const spell of history.spells) rows.spells.push({listingId, ...spell});
    for (const finding of findings) rows.findings.push({listingId, ...finding});
  }
  return rows;
}
