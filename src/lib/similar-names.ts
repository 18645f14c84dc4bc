/** Names somebody may have meant. Pure. */
import {foldName} from './place-names.ts';

/** Share of the longer name's letters that may differ. */
const MOST_DIFFERENT = 0.4;

/**
 * The known names most like a mistyped one, the likest first; a name that begins with it counts as near. Accents, case
 * and marks don't matter. Empty when nothing is like it.
 */
export function similarNames(wanted: string, known: readonly string[], most = 3): string[] {
  const key = foldName(wanted);
  if (key === '') return [];
  const ranked = [...new Set(known)].flatMap(name => {
    const own = foldName(name);
    const apart = own.startsWith(key) || own.split(' ').includes(key) ? 0.5 : lettersApart(key, own);
    return apart <= MOST_DIFFERENT * Math.max(key.length, own.length) ? [{name, apart}] : [];
  });
  return ranked
    .sort((a, b) => a.apart - b.apart || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({name}) => name);
}

/** Letters to insert, delete, change or swap with the next: optimal string alignment distance (Damerau 1964). */
function lettersApart(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({length: b.length + 1}, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}
