/** A worker of the toy portal in a process of its own, to be killed: `tsx worker-child.ts <databaseUrl> <dataDir> <shards> <places…>`. */
import {withInterrupt} from '../../src/cli/commands/crawl.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {runToyWorker, toyPolicy} from './toy-worker.ts';

const [databaseUrl = '', dataDir = '', shards = '1', ...places] = process.argv.slice(2);
const database = await connectDatabase(databaseUrl, {max: 5});
const policy = toyPolicy(places, Number(shards));
await withInterrupt(signal => runToyWorker({database, dataDir, policy, once: false, signal}));
await database.close();
