import {flagIncludedFee, judgeAdminFee} from './admin-fee.ts';
import {judgeAreas, judgeHectares, judgePlot, requireArea, restoreDecimals} from './area.ts';
import {judgePoint} from './coordinates.ts';
import {judgeCounts} from './counts.ts';
import type {Rule} from './draft.ts';
import {excludeOtherOffers, excludeSpecialSales, requireType} from './kind.ts';
import {judgeMagnitude} from './magnitude.ts';
import {judgePriceBounds, refuseForeignCurrency, refusePlaceholders, requirePrice} from './price.ts';
import {judgeStratum} from './stratum.ts';
import {repairTexts} from './text.ts';

/** All cleaning rules. The order matters: prices are judged by areas, fees by prices, and what is missing comes last. */
export const CLEAN_RULES: readonly Rule[] = [
  repairTexts,
  judgePoint,
  judgeStratum,
  judgeCounts,
  refusePlaceholders,
  refuseForeignCurrency,
  judgeHectares,
  restoreDecimals,
  judgePlot,
  judgeAreas,
  judgeMagnitude,
  judgePriceBounds,
  judgeAdminFee,
  flagIncludedFee,
  excludeSpecialSales,
  excludeOtherOffers,
  requireType,
  requireArea,
  requirePrice,
];
