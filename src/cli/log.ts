import {join} from 'node:path';
import {type Logger, pino} from 'pino';
import type {Env} from '../config/env.ts';

export type Log = Logger;

/**
 * The installation's log, one JSON line an event in `<dataDir>/logs/raiz.log`: what ran, how it ended, what failed.
 * For people who run Raíz by a timer and look later. Values of rows never go in: they may be personal.
 */
export function openLog(dataDir: string, env: Pick<Env, 'logLevel'>): Log {
  return pino(
    {level: env.logLevel, base: {pid: process.pid}, timestamp: pino.stdTimeFunctions.isoTime},
    pino.destination({dest: join(dataDir, 'logs', 'raiz.log'), mkdir: true, sync: true}),
  );
}
