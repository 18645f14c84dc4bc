#!/usr/bin/env node
// The program runs unbuilt: tsx compiles TypeScript as it is imported.
import {register} from 'tsx/esm/api';

register();
const {main} = await import('../src/cli/main.ts');
await main(process.argv);
