/** A search in a process of its own, to be killed: `tsx search-child.ts <databaseUrl> <dataDir>`. */
import {searchModels} from '../../pipelines/train/stage-search.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {searchOptions} from './search-options.ts';

const [databaseUrl = '', dataDir = ''] = process.argv.slice(2);
const database = await connectDatabase(databaseUrl);
await searchModels(database, 'sale', await searchOptions(dataDir));
await database.close();
