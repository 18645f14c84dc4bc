/** `raiz model promote|retire|reproduce`: a person's word on models, and proof that they can be made again. */
import {userInfo} from 'node:os';
import {Command} from 'commander';
import {crownModel, findModel, retireModel} from '../../db/model-registry.ts';
import {type ModelRow, selectChampions} from '../../db/models.ts';
import {ConfigError, ContractError} from '../../domain/errors.ts';
import {type CommandContext, withDatabase} from '../context.ts';
import {formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly by?: string;
  readonly note?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function registryCommands(): Command[] {
  return [
    wordCommand(
      'promote',
      'make a candidate the champion of its operation: it prices from the next `raiz stage score` on',
    )
      .option('--by <name>', 'who decides (default: the user of this machine)')
      .option('--note <text>', 'why')
      .action(promote),
    wordCommand(
      'retire',
      'take a model off the leaderboard; a champion leaves its operation without prices',
    ).action(retire),
    wordCommand(
      'reproduce',
      'train a model again from its frozen rows and seed, and compare bit for bit',
    ).action(reproduce),
  ];
}

function wordCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<model>', 'model id, as `raiz model leaderboard` shows it')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', `\nExample:\n  raiz model ${name} sale-0a1b2c3d4e5f-gbdt`);
}

async function modelNamed({database}: CommandContext, modelId: string): Promise<ModelRow> {
  const found = await findModel(database.orm, modelId);
  if (found === undefined)
    throw new ConfigError(`no model "${modelId}" here. See the ids with: raiz model leaderboard`);
  return found;
}

async function promote(modelId: string, {by, note, demo, json}: Flags): Promise<void> {
  await withDatabase({demo}, async context => {
    const {database, dataDir} = context;
    const row = await modelNamed(context, modelId);
    await refuseUnfit(row, dataDir);
    const former = (await selectChampions(database.orm)).find(({operation}) => operation === row.operation);
    await database.orm.transaction(async tx => {
      const promotion = {at: new Date(), by: by ?? userInfo().username, note: note ?? null};
      await crownModel(tx, row, promotion);
      const {compareTraining} = await import('../../registry/compare.ts');
      await compareTraining(tx, dataDir, row.trainingId);
    });
    if (json === true) printJson({champion: modelId, former: former?.modelId ?? null});
    else {
      const before =
        former === undefined || former.modelId === modelId ? '' : `, instead of ${former.modelId}`;
      print(`${modelId} is champion of ${row.operation}${before}. Prices follow with: raiz stage score`);
    }
  });
}

/** @throws ConfigError for rows that can't price, ModelError when the files can't be read. */
async function refuseUnfit(row: ModelRow, dataDir: string): Promise<void> {
  const {modelId, kind, artifact} = row;
  if (kind === 'outside') {
    throw new ConfigError(
      `${modelId} was brought from outside: there is no model that could price. It stands on the leaderboard only.`,
    );
  }
  if (artifact === null) {
    throw new ConfigError(
      `${modelId} is a yardstick, or was measured by a search that was cut off: no model is stored that could price. ` +
        'Choose one with a size and without "naive", "tree", "forest" or "nearest" in its name, or run `raiz train` again.',
    );
  }
  const [{loadModelFiles, modelFolder}, {unpackArtifact}] = await Promise.all([
    import('../../ml/model-store.ts'),
    import('../../ml/artifact.ts'),
  ]);
  unpackArtifact(await loadModelFiles(dataDir, artifact), modelFolder(dataDir, artifact));
}

async function retire(modelId: string, {demo, json}: Flags): Promise<void> {
  await withDatabase({demo}, async context => {
    const row = await modelNamed(context, modelId);
    await retireModel(context.database.orm, modelId, new Date());
    if (json === true) printJson({retired: modelId, wasChampion: row.isChampion});
    else {
      print(`${modelId} is retired.`);
      if (row.isChampion) {
        print(
          `It was the champion: ${row.operation} has no prices until you promote another (raiz model promote …) and run raiz stage score.`,
        );
      }
    }
  });
}

async function reproduce(modelId: string, {demo, json}: Flags): Promise<void> {
  await withDatabase({demo}, async context => {
    const row = await modelNamed(context, modelId);
    const [{reproduceModel}, {loadBackend}] = await Promise.all([
      import('../../../pipelines/train/stage-reproduce.ts'),
      import('../../ml/backend.ts'),
    ]);
    const results = await reproduceModel(row, {
      backend: await loadBackend(),
      dataDir: context.dataDir,
      clock: () => performance.now(),
      note: line => json !== true && process.stderr.isTTY && process.stderr.write(`${line}\n`),
    });
    const differing = results.filter(({isEqual}) => !isEqual).map(({what}) => what);
    if (json === true) printJson({modelId, isEqual: differing.length === 0, results});
    else {
      print(
        formatTable(results, [
          {title: 'part', value: ({what}) => what},
          {title: 'again', value: ({isEqual}) => (isEqual ? 'the same bits' : 'DIFFERS')},
        ]),
      );
      if (differing.length === 0) print(`\n${modelId}: trained again, every bit the same.`);
    }
    if (differing.length > 0) {
      throw new ContractError(
        `${modelId} came out different: ${differing.join(', ')}. Its files were changed, or this program trains otherwise than the one that made it.`,
        {context: {modelId, differing}},
      );
    }
  });
}
