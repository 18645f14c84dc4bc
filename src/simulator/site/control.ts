/** Commands to the simulated portal while it is served: `curl -X POST http://127.0.0.1:8080/_simulator/break/latitude`. */
import {BREAK_NAMES, BREAKS, type BreakName, isBreakName} from './breaks.ts';

export const CONTROL_PATH = '/_simulator';

/** What can be commanded. */
export interface Controlled {
  readonly day: number;
  readonly days: number;
  readonly broken: BreakName | undefined;
  setDay(day: number): void;
  breakBy(name: BreakName | undefined): void;
}

export interface ControlAnswer {
  readonly status: number;
  readonly text: string;
}

/** Undefined: the path is a page of the portal. Days are counted from 1, as `raiz demo --serve --day` does. */
export function answerControl(site: Controlled, method: string, path: string): ControlAnswer | undefined {
  if (path !== CONTROL_PATH && !path.startsWith(`${CONTROL_PATH}/`)) return undefined;
  const [command, argument = ''] = path.slice(CONTROL_PATH.length + 1).split('/');
  if (command === '' && method === 'GET') return {status: 200, text: `${stateOf(site)}\n${USAGE}`};
  if (method !== 'POST') return {status: 405, text: `Commands are sent with POST.\n${USAGE}`};
  if (command === 'break' && isBreakName(argument)) site.breakBy(argument);
  else if (command === 'mend') site.breakBy(undefined);
  else if (command === 'day' && isDay(argument, site.days)) site.setDay(Number(argument) - 1);
  else return {status: 404, text: `There is no such command, or not with "${argument}".\n${USAGE}`};
  return {status: 200, text: stateOf(site)};
}

function isDay(text: string, days: number): boolean {
  return /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= days;
}

const USAGE = [
  'POST /_simulator/day/<n>      the market of that day',
  'POST /_simulator/mend         all is well again',
  ...BREAK_NAMES.map(name => `POST /_simulator/break/${name.padEnd(10)} ${BREAKS[name].does}`),
  '',
].join('\n');

function stateOf({day, days, broken}: Controlled): string {
  const state = broken === undefined ? 'all is well' : `broken: ${broken} (${BREAKS[broken].does})`;
  return `SIMULADO · day ${day + 1} of ${days} · ${state}\n`;
}
