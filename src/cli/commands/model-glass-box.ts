import {Command, Option} from 'commander';
import {type ModelRow, selectModels} from '../../db/models.ts';
import {ConfigError} from '../../domain/errors.ts';
import {OPERATIONS, type Operation} from '../../domain/vocabulary.ts';
import {BIAS_SEGMENTS, type BiasSegment, type SegmentBias} from '../../ml/bias.ts';
import type {Counterfactual} from '../../ml/counterfactuals.ts';
import {GLASS_BOX_FACTS, type LevelEffect} from '../../ml/glass-box.ts';
import type {ModelChecks} from '../../ml/model-checks.ts';
import {withDatabase} from '../context.ts';
import {formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly operation: Operation;
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** `raiz model glass-box`: the readable rival of a model, its bias by segment, and its answers to odd questions. */
export function glassBoxCommand(): Command {
  return new Command('glass-box')
    .description(
      'a price model one can read beside the champion: its cost, its effects; bias and counterfactuals',
    )
    .argument('[model]', 'model id; the champion unless told')
    .addOption(new Option('--operation <word>', 'whose champion').choices(OPERATIONS).default('sale'))
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz model glass-box --demo\n  raiz model glass-box --operation rent --json',
    )
    .action(async (modelId: string | undefined, flags: Flags) => {
      await withDatabase({demo: flags.demo}, async ({database}) => {
        const model = chosenModel(await selectModels(database.orm), modelId, flags.operation);
        const checks = checksOf(model);
        if (flags.json === true) printJson({model: model.modelId, isSynthetic: model.isSynthetic, ...checks});
        else print(checksText(model, checks));
      });
    });
}

function chosenModel(
  models: readonly ModelRow[],
  modelId: string | undefined,
  operation: Operation,
): ModelRow {
  const found = models.find(model =>
    modelId === undefined ? model.isChampion && model.operation === operation : model.modelId === modelId,
  );
  if (found !== undefined) return found;
  throw new ConfigError(
    modelId === undefined
      ? `no model prices ${operation === 'sale' ? 'sales' : 'rents'} here. Train with: raiz stage train`
      : `no model "${modelId}" here. See the ids with: raiz model list`,
  );
}

/** The card is our own writing: its shape is believed where it is there. */
function checksOf(model: ModelRow): ModelChecks {
  const checks = model.card.checks as ModelChecks | undefined;
  if (checks !== undefined) return checks;
  throw new ConfigError(
    model.artifact === null
      ? `${model.modelId} is a yardstick, not a model: nothing is checked of it`
      : `${model.modelId} was trained before models were checked. Train again: raiz stage train --rebuild`,
  );
}

function checksText(model: ModelRow, {glassBox, bias, counterfactuals}: ModelChecks): string {
  const {mdape, mdapeOfModel, cost, low, high} = glassBox;
  return [
    ...(model.isSynthetic ? ['SIMULADO: entrenado en el mercado simulado.'] : []),
    [
      `Caja de cristal frente a ${model.algorithm} (${model.modelId})`,
      `  error mediano: ${percent(mdape)} frente a ${percent(mdapeOfModel)}`,
      `  leer cuesta ${points(cost)} (95 %: ${points(low)} a ${points(high)})`,
    ].join('\n'),
    `Efecto en el precio por m², frente al nivel más común de cada dato\n${effectsTable(glassBox.effects)}`,
    ...BIAS_SEGMENTS.map(by => `${BIAS_TITLES[by]}\n${biasTable(bias.filter(each => each.by === by))}`),
    `Preguntas de prueba: ¿qué pasa si sólo cambia una cosa?\n${questionsTable(counterfactuals)}`,
    'Sesgo y error: validación cruzada, ningún modelo vio el aviso que juzga. Precios pedidos, no de cierre.',
  ].join('\n\n');
}

const BIAS_TITLES: Readonly<Record<BiasSegment, string>> = {
  stratum: 'Sesgo por estrato (positivo: el modelo dice más de lo que se pide)',
  district: 'Sesgo por municipio y comuna',
  type: 'Sesgo por tipo',
};

/** Against the commonest level, so that the reader has a home to compare with. */
function effectsTable(effects: readonly LevelEffect[]): string {
  const rows = GLASS_BOX_FACTS.flatMap(fact => {
    const levels = effects.filter(each => each.fact === fact);
    const isList = fact === 'comodidad' || fact === 'lugar';
    const base = isList ? 0 : (levels[0]?.effect ?? 0);
    return levels
      .map((each, index) => ({...each, isBase: !isList && index === 0, effect: each.effect - base}))
      .sort((a, b) => (isList ? b.effect - a.effect : a.level.localeCompare(b.level, 'es', {numeric: true})));
  });
  return formatTable(rows, [
    {title: 'dato', value: row => row.fact},
    // A place is known by its key: `n:medellin/laureles`.
    {title: 'nivel', value: row => row.level.replace(/^[ndm]:/, '')},
    {title: 'avisos', align: 'right', value: row => row.rows},
    {
      title: 'efecto',
      align: 'right',
      value: row => (row.isBase ? 'base' : signed(Math.exp(row.effect) - 1)),
    },
  ]);
}

function biasTable(segments: readonly SegmentBias[]): string {
  return formatTable(segments, [
    {title: 'segmento', value: row => row.segment},
    {title: 'avisos', align: 'right', value: row => row.rows},
    {title: 'sesgo', align: 'right', value: row => signed(row.bias)},
    {title: '95 %', align: 'right', value: row => `${signed(row.low)} a ${signed(row.high)}`},
    {title: '', value: row => (row.low > 0 || row.high < 0 ? 'distinto de 0' : '')},
  ]);
}

function questionsTable(questions: readonly Counterfactual[]): string {
  return formatTable(questions, [
    {title: 'cambio', value: row => row.question},
    {title: 'inmuebles', align: 'right', value: row => row.homes},
    {title: 'límite', align: 'right', value: row => percent(row.bound)},
    {title: 'lo pasan', align: 'right', value: row => row.violations},
    {title: 'cambio mediano', align: 'right', value: row => (row.homes === 0 ? null : signed(row.median))},
    {title: 'el peor', align: 'right', value: row => (row.homes === 0 ? null : signed(row.worst))},
  ]);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1).replace('.', ',')} %`;
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}

function points(share: number): string {
  return `${share < 0 ? '−' : '+'}${(100 * Math.abs(share)).toFixed(2).replace('.', ',')} puntos`;
}
