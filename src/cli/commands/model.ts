import {Command} from 'commander';
import {leaderboard, type ModelRow, selectModels} from '../../db/models.ts';
import {ConfigError} from '../../domain/errors.ts';
import {withDatabase} from '../context.ts';
import {formatMillions, formatTable, print, printJson} from '../output.ts';
import {glassBoxCommand} from './model-glass-box.ts';

interface Flags {
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function modelCommand(): Command {
  const command = new Command('model').description(
    'price models: how good they are, and what is known of each',
  );
  command.addCommand(
    readingCommand('leaderboard', 'candidates of the newest training, best first')
      .addHelpText('after', '\nExample:\n  raiz model leaderboard --demo')
      .action((flags: Flags) => showModels(flags, 'leaderboard')),
  );
  command.addCommand(
    readingCommand('list', 'every model ever trained here, newest first')
      .addHelpText('after', '\nExample:\n  raiz model list --json')
      .action((flags: Flags) => showModels(flags, 'list')),
  );
  command.addCommand(
    readingCommand('card', 'what is known of one model')
      .argument('[model]', 'model id; the champion (of sales, when there is one) unless told')
      .addHelpText('after', '\nExample:\n  raiz model card --demo')
      .action((modelId: string | undefined, flags: Flags) => showCard(modelId, flags)),
  );
  command.addCommand(glassBoxCommand());
  return command;
}

function readingCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON');
}

async function showModels(flags: Flags, which: 'leaderboard' | 'list'): Promise<void> {
  await withDatabase({demo: flags.demo}, async ({database}) => {
    const models = which === 'list' ? await selectModels(database.orm) : await leaderboard(database.orm);
    if (flags.json === true) {
      printJson(models.map(({card: _card, ...model}) => model));
      return;
    }
    if (models.length === 0) {
      print('No model has been trained yet. Train with: raiz stage train');
      return;
    }
    print(modelsTable(models));
    if (models.some(model => model.isSynthetic)) print('\nSIMULADO: trained on the simulated market.');
  });
}

function modelsTable(models: readonly ModelRow[]): string {
  const percent = (share: number | null) => (share === null ? null : `${(100 * share).toFixed(1)} %`);
  return formatTable(models, [
    {title: 'operation', value: row => row.operation},
    {title: 'model', value: row => (row.isChampion ? `${row.algorithm} ★` : row.algorithm)},
    {title: 'MdAPE', align: 'right', value: row => percent(row.metrics.mdape)},
    {title: 'MAE', align: 'right', value: row => formatMillions(row.metrics.maeCop)},
    {title: 'within 10 %', align: 'right', value: row => percent(row.metrics.within10)},
    {title: 'within 20 %', align: 'right', value: row => percent(row.metrics.within20)},
    {title: 'R² log', align: 'right', value: row => row.metrics.r2Log.toFixed(3)},
    {title: '80 % range holds', align: 'right', value: row => percent(row.metrics.coverage80)},
    {title: 'rows', align: 'right', value: row => row.trainingRows},
    {title: 'fit', align: 'right', value: row => `${row.fitSeconds.toFixed(1)} s`},
    {title: 'backend', value: row => row.backend},
    {title: 'trained', value: row => row.trainedAt.toISOString().slice(0, 16).replace('T', ' ')},
    {title: 'id', value: row => row.modelId},
  ]);
}

async function showCard(modelId: string | undefined, flags: Flags): Promise<void> {
  await withDatabase({demo: flags.demo}, async ({database}) => {
    const models = await selectModels(database.orm);
    const champions = models.filter(row => row.isChampion);
    const model =
      modelId === undefined
        ? (champions.find(row => row.operation === 'sale') ?? champions[0])
        : models.find(row => row.modelId === modelId);
    if (model === undefined) {
      throw new ConfigError(
        modelId === undefined
          ? 'no model has been trained here. Train with: raiz stage train'
          : `no model "${modelId}" here. See the ids with: raiz model list`,
      );
    }
    printJson({...model.card, isChampion: model.isChampion, artifact: model.artifact});
  });
}
