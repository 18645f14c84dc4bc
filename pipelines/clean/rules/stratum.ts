import type {Rule} from './draft.ts';

/** Estrato is 1 to 6 by law (Ley 142 de 1994, art. 102); portals also hold 0, 7, 100, 110 and −5. */
export const judgeStratum: Rule = (draft, report) => {
  const {stratum} = draft;
  if (stratum === null || (Number.isInteger(stratum) && stratum >= 1 && stratum <= 6)) return;
  draft.stratum = null;
  report('stratum_range', 'stratum', 'nulled', stratum, 'an estrato is a whole number from 1 to 6');
};
