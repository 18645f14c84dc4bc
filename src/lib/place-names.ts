/** Names of places: comparing them, writing them, making keys of them. Pure. */

/** A name as a key of comparison: lower case, no accents, single spaces: `Itagüí ` and `ITAGUI` are the same. */
export function foldName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, ' ')
    .trim();
}

/** A name as part of an id: `Metro de Medellín, 2025` → `metro-de-medellin-2025`. */
export function slugName(name: string): string {
  return foldName(name).replaceAll(' ', '-');
}

const SMALL_WORDS = new Set(['de', 'del', 'la', 'las', 'los', 'el', 'y']);

/** Official files shout (`DOCE DE OCTUBRE`): such a name gets capitals as people write it; any other stays as it is. */
export function calmName(name: string): string {
  const text = name.trim().replace(/\s+/g, ' ');
  if (text !== text.toUpperCase()) return text;
  return text
    .toLowerCase()
    .split(' ')
    .map((word, index) => (index > 0 && SMALL_WORDS.has(word) ? word : capitalise(word)))
    .join(' ');
}

function capitalise(word: string): string {
  return word.replace(/^\P{Letter}*\p{Letter}/u, start => start.toUpperCase());
}
