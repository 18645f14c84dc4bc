import {judgeAdminFee} from './admin-fee.ts';
import {flagHectares, judgeAreas, requireArea} from './area.ts';
import {judgePoint} from './coordinates.ts';
import {judgeCounts} from './counts.ts';
import type {Rule} from './draft.ts';
import {excludeSpecialSales, requireType} from './kind.ts';
import {
  judgeMagnitude,
  judgePriceBounds,
  refuseForeignCurrency,
  refusePlaceholders,
  requirePrice,
} from './price.ts';
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
  flagHectares,
  judgeAreas,
  judgeMagnitude,
  judgePriceBounds,
  judgeAdminFee,
  excludeSpecialSales,
  requireType,
  requireArea,
  requirePrice,
];
