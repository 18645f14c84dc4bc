/** How alike two texts are, by the runs of words they share. */
import {hash32} from './random.ts';
import {foldText} from './spanish.ts';

/** Words in a shingle. */
const SHINGLE_WORDS = 3;
/** Shingles kept of one text, the smallest hashes: texts of adverts seldom have more. */
const MOST_SHINGLES = 256;

/** Hashes of a text's shingles, ascending, without repeats; only the smallest `MOST_SHINGLES` of a long text. */
export type TextSketch = Uint32Array;

/** Some portals write numbers out. */
const NUMBERS: Readonly<Record<string, string>> = {
  un: '1',
  uno: '1',
  una: '1',
  dos: '2',
  tres: '3',
  cuatro: '4',
  cinco: '5',
  seis: '6',
  siete: '7',
  ocho: '8',
  nueve: '9',
  diez: '10',
};

/** Words without accents, case, marks and redaction marks, small numbers as digits: `¡Tres alcobas! [TEL]` → `3 alcobas`. */
export function wordsOf(text: string): string[] {
  const words = foldText(text.replaceAll(/\[[A-ZÁÉÍÓÚÑ]+\]|\*\*\*/g, ' ')).match(/[a-z]+|\d+/g) ?? [];
  return words.map(word => NUMBERS[word] ?? word);
}

/** A text of fewer than three words has one shingle; an empty text none. */
export function sketchText(text: string): TextSketch {
  const words = wordsOf(text);
  const hashes = new Set<number>();
  for (let start = 0; start + SHINGLE_WORDS <= Math.max(words.length, SHINGLE_WORDS); start += 1) {
    const shingle = words.slice(start, start + SHINGLE_WORDS).join(' ');
    if (shingle !== '') hashes.add(hash32(shingle));
  }
  return Uint32Array.from(hashes).sort().slice(0, MOST_SHINGLES);
}

export interface TextOverlap {
  /** Weight of the shingles both texts have. */
  readonly shared: number;
  /** Shared weight / weight of the lighter text, 0–1: 1 when one text holds the other. */
  readonly containment: number;
}

/**
 * Compares two sketches, each shingle with its weight. Of texts cut at `MOST_SHINGLES` only the hashes up to which both
 * sketches are whole count, so that the cut doesn't bias.
 */
export function overlapOf(a: TextSketch, b: TextSketch, weightOf: (hash: number) => number): TextOverlap {
  const limit = Math.min(wholeUpTo(a), wholeUpTo(b));
  let [i, j, shared, weightA, weightB] = [0, 0, 0, 0, 0];
  for (;;) {
    const left = a[i] ?? Number.POSITIVE_INFINITY;
    const right = b[j] ?? Number.POSITIVE_INFINITY;
    const next = Math.min(left, right);
    if (next > limit) break;
    const weight = weightOf(next);
    if (left === right) shared += weight;
    if (left === next) {
      weightA += weight;
      i += 1;
    }
    if (right === next) {
      weightB += weight;
      j += 1;
    }
  }
  const lighter = Math.min(weightA, weightB);
  return {shared, containment: lighter === 0 ? 0 : shared / lighter};
}

function wholeUpTo(sketch: TextSketch): number {
  return sketch.length < MOST_SHINGLES ? 0xffffffff : (sketch.at(-1) ?? 0xffffffff);
}
