import {repairMojibake} from '../../../src/lib/spanish.ts';
import type {Rule} from './draft.ts';

const TEXT_FIELDS = [
  'title',
  'description',
  'department',
  'municipality',
  'district',
  'neighbourhood',
  'agencyName',
] as const;

/** Undoes text that was read in the wrong encoding (`bel√©n`). The value in the finding is the name of the damage. */
export const repairTexts: Rule = (draft, report) => {
  for (const field of TEXT_FIELDS) {
    const text = draft[field];
    if (text === null) continue;
    const repaired = repairMojibake(text);
    if (repaired === text) continue;
    draft[field] = repaired;
    report(
      'mojibake',
      field,
      'corrected',
      firstDifference(text, repaired),
      'text was read in the wrong encoding',
    );
  }
  if (draft.amenities.some(amenity => repairMojibake(amenity) !== amenity)) {
    draft.amenities = [...new Set(draft.amenities.map(repairMojibake))].sort();
    report('mojibake', 'amenities', 'corrected', null, 'text was read in the wrong encoding');
  }
};

/** The word in which two texts differ first: enough to see the damage without storing an advert's text again. */
function firstDifference(text: string, repaired: string): string {
  const words = repaired.split(/\s+/);
  return text.split(/\s+/).find((word, index) => word !== words[index]) ?? '';
}
