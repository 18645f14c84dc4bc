/** 95 % of a normal distribution. */
const Z = 1.96;

/**
 * 95 % interval of a share seen in `count` of `total` (Wilson 1927, "Probable inference, the law of succession"): sound
 * for few cases and for shares of 0 and 1. Shares 0–1; 0 … 1 without any case.
 */
export function wilsonInterval(count: number, total: number): {low: number; high: number} {
  if (total === 0) return {low: 0, high: 1};
  const share = count / total;
  const centre = share + Z ** 2 / (2 * total);
  const spread = Z * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  const stretch = 1 + Z ** 2 / total;
  return {low: Math.max(0, (centre - spread) / stretch), high: Math.min(1, (centre + spread) / stretch)};
}
