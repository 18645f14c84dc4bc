import {Command} from 'commander';
import {leaderboard, selectChampions, selectModels} from '../../db/models.ts';
import {ConfigError} from '../../domain/errors.ts';
import {withDatabase} from '../context.ts';
import {modelsTable} from '../leaderboard-table.ts';
import {print, printJson} from '../output.ts';
import {glassBoxCommand} from './model-glass-box.ts';
import {ladderCommand} from './model-ladder.ts';
import {outsideCommands} from './model-outside.ts';
import {registryCommands} from './model-registry.ts';

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
  command.addCommand(ladderCommand());
  for (const own of [...outsideCommands(), ...registryCommands()]) command.addCommand(own);
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
    print('\n★ champion · ◇ settings found by a search · ◦ predictions from outside');
    if (which === 'leaderboard') {
      const shown = new Set(models.map(({modelId}) => modelId));
      for (const {modelId, operation, trainedAt} of await selectChampions(database.orm)) {
        if (!shown.has(modelId))
          print(
            `${operation} is priced by ${modelId} ★, of a training of ${trainedAt.toISOString().slice(0, 10)}.`,
          );
      }
    }
    if (models.some(model => model.isSynthetic)) print('SIMULADO: trained on the simulated market.');
  });
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
    const {isChampion, artifact, comparison, sizeBytes, promotedAt, promotedBy, promotionNote, retiredAt} =
      model;
    if (flags.json === true) {
      printJson({
        ...model.card,
        ...{isChampion, artifact, comparison, sizeBytes, promotedAt, promotedBy, promotionNote, retiredAt},
      });
      return;
    }
    const {cardMarkdown} = await import('../../../pipelines/train/card.ts');
    print(cardMarkdown(model.card));
    const standing = isChampion
      ? `champion since ${promotedAt?.toISOString() ?? 'an unknown day'}`
      : 'candidate';
    print(
      `## Standing\n\n${retiredAt === null ? standing : `retired ${retiredAt.toISOString()}`}${promotedBy === null ? '' : ` · ${promotedBy}: ${promotionNote ?? ''}`}`,
    );
  });
}
