/** Run as a process of its own: `second-process.ts <dataDir>` opens the embedded server and prints what it got. */
import {startEmbedded} from '../../src/db/embedded/server.ts';

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('usage: second-process.ts <dataDir>');
process.stdout.write(JSON.stringify(await startEmbedded({dataDir, database: 'raiz'})));
