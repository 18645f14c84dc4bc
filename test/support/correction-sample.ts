/**
 * The corrections of the real files that a person reads, drawn the same way each time: all rare ones, and of repaired
 * texts as many as make 200. `node --import tsx test/support/correction-sample.ts [from] [to]` prints them with their
 * context; verdicts go to `data/reference/correction-review.csv`, rows of other people never.
 */
import {argv, stdout} from 'node:process';
import {fileURLToPath} from 'node:url';
import type {RuleFinding} from '../../src/domain/listing.ts';
import {createRandom} from '../../src/lib/random.ts';
import {type JudgedRow, lastRows, SHARED_FILES, type SharedFile} from './shared-listings.ts';

const SAMPLE = 200;
const SEED = 'corrections read by eye';

export interface Correction extends JudgedRow {
  readonly file: SharedFile;
  readonly finding: RuleFinding;
}

/** Key in the review: file, listing, rule and field. */
export function keyOf({file, staged, finding}: Correction): string {
  return [file, staged.portalListingId, finding.rule, finding.field].join(',');
}

/** @param rows the last row of each listing of every file */
export function drawCorrections(rows: readonly (JudgedRow & {readonly file: SharedFile})[]): Correction[] {
  const all = rows.flatMap(row =>
    row.findings.filter(({effect}) => effect === 'corrected').map(finding => ({...row, finding})),
  );
  all.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const isText = ({finding}: Correction) => finding.rule === 'mojibake';
  const rare = all.filter(each => !isText(each));
  const texts = createRandom(SEED).shuffle(all.filter(isText));
  return [...rare, ...texts].slice(0, SAMPLE);
}

async function readRows(): Promise<(JudgedRow & {file: SharedFile})[]> {
  const files = Object.keys(SHARED_FILES).filter(isSharedFile);
  const rows = await Promise.all(
    files.map(async file => (await lastRows(file)).map(row => ({...row, file}))),
  );
  return rows.flat();
}

function isSharedFile(name: string): name is SharedFile {
  return name in SHARED_FILES;
}

function describe(each: Correction): string {
  const {staged, listing, finding} = each;
  const {propertyType, bedrooms, bathrooms, stratum, municipality, neighbourhood} = staged;
  const offers = listing.offers.map(
    ({operation, priceStated, priceCop, adminFeeCop}) =>
      `${operation} ${priceStated} → ${priceCop} (fee ${adminFeeCop})`,
  );
  const areas = `built ${staged.builtAreaM2} → ${listing.builtAreaM2}, private ${staged.privateAreaM2} → ${listing.privateAreaM2}, land ${listing.landAreaM2}`;
  return [
    keyOf(each),
    `  ${finding.value}: ${finding.message}`,
    `  ${propertyType}, ${bedrooms} bedrooms, ${bathrooms} bathrooms, estrato ${stratum}, ${neighbourhood}, ${municipality}`,
    `  ${offers.join('; ')}; ${areas}; point ${listing.latitude}, ${listing.longitude}`,
    `  ${finding.rule === 'mojibake' ? differences(staged.description ?? '', listing.description ?? '') : (listing.description ?? '').replaceAll(/\s+/g, ' ').slice(0, 700)}`,
  ].join('\n');
}

/** Each repaired word with the word before it. */
function differences(before: string, after: string): string {
  const words = after.split(/\s+/);
  return before
    .split(/\s+/)
    .flatMap((word, at) =>
      word === words[at] ? [] : [`${words[at - 1] ?? ''} ${word} → ${words[at] ?? ''}`],
    )
    .join(' | ')
    .slice(0, 900);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [from = 0, to = SAMPLE] = argv.slice(2).map(Number);
  for (const each of drawCorrections(await readRows()).slice(from, to)) stdout.write(`${describe(each)}\n\n`);
}
