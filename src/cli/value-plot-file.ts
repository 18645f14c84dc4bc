import {ConfigError} from '../domain/errors.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import type {Answer} from '../valuation/value-one.ts';
import {drawValue} from '../valuation/value-plot.ts';
import {homeText} from './value-text.ts';
import {writeWhole} from './write-whole.ts';

/**
 * Draws the one answer with a range.
 * @throws ConfigError when there are several or none, or the file is there and may not be overwritten.
 */
export async function writePlot(path: string, answers: readonly Answer[], force: boolean): Promise<void> {
  if (!/\.svg$/i.test(path)) throw new ConfigError(`--plot ${path}: pictures are SVG, name it .svg`);
  const valued = answers.flatMap(answer =>
    answer.kind === 'value' && answer.value.status === 'valued' ? [answer] : [],
  );
  const [only] = valued;
  if (only === undefined) throw new ConfigError('insufficient data: there is no range to draw');
  if (valued.length > 1)
    throw new ConfigError('this advert is for sale and for rent: say which to draw with --operation');
  const {value, source} = only;
  const {model, dataUntil, isSynthetic} = source;
  const until = dataUntil === null ? '' : ` · avisos vistos hasta el ${bogotaDay(dataUntil)}`;
  const picture = drawValue(value, {
    home: homeText(value.row),
    source: `Modelo ${model.algorithm}, entrenado el ${bogotaDay(model.trainedAt)} con ${model.trainingRows} avisos${until}`,
    isSynthetic,
  });
  await writeWhole(path, force, async write => write(picture));
}
