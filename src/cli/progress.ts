import {Listr} from 'listr2';
import type {CrawlProgress} from '../crawl/crawl.ts';
import type {StageProgress} from '../stage/define-stage.ts';
import {formatCount, formatSeconds} from './output.ts';

export interface Step {
  readonly title: string;
  /** Does the work; `say` shows where it is. The result is a summary shown beside the title. */
  readonly run: (say: (line: string) => void) => Promise<string>;
}

/** Plain output repeats a running step's line at most this often. */
const PLAIN_INTERVAL_MS = 5000;

/**
 * Runs steps one after the other and shows them: live on a terminal, plain lines elsewhere, nothing when `quiet`.
 * The first step that throws ends it.
 */
export async function runSteps(steps: readonly Step[], options: {quiet?: boolean} = {}): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  const list = new Listr<Record<string, never>, 'default', 'simple'>(
    steps.map(step => ({
      title: step.title,
      task: async (_context, task) => {
        const say = (line: string) => {
          task.output = line;
        };
        task.title = `${step.title} · ${await step.run(isTerminal ? say : throttle(say))}`;
      },
    })),
    {
      renderer: 'default',
      fallbackRenderer: 'simple',
      silentRendererCondition: options.quiet === true,
      // Its listener ends the process at once: not beside one that stops tidily.
      registerSignalListeners: process.listenerCount('SIGINT') === 0,
    },
  );
  await list.run();
}

function throttle(say: (line: string) => void): (line: string) => void {
  let last = performance.now();
  return line => {
    const now = performance.now();
    if (now - last < PLAIN_INTERVAL_MS) return;
    last = now;
    say(line);
  };
}

/** Turns counts into `1,200 of 4,581 · 310/s · 11 s left`. The first call sets the start. */
export function rateLine(): (done: number, total: number, unit?: string) => string {
  const started = performance.now();
  return (done, total, unit = '') => {
    const seconds = (performance.now() - started) / 1000;
    const rate = seconds > 0 ? done / seconds : 0;
    const head = `${formatCount(done)} of ${formatCount(total)}${unit === '' ? '' : ` ${unit}`}`;
    if (rate === 0 || done === 0) return head;
    return `${head} · ${formatCount(rate)}/s · ${formatSeconds(Math.max(0, (total - done) / rate))} left`;
  };
}

/** Progress of a stage as a line. */
export function stageLine(say: (line: string) => void): (progress: StageProgress) => void {
  const line = rateLine();
  return progress => {
    const counts = progress.total > 1 ? line(progress.done, progress.total) : '';
    say([counts, progress.note ?? ''].filter(part => part !== '').join(' · '));
  };
}

/** Progress of a crawl as a line: pages visited of those known so far, listings, scopes closed. */
export function crawlLine(say: (line: string) => void): (progress: CrawlProgress) => void {
  const line = rateLine();
  return ({pagesTaken, pagesOpen, listingsSeen, scopesClosed, scopes}) =>
    say(
      `${line(pagesTaken, pagesTaken + pagesOpen, 'pages')} · ${formatCount(listingsSeen)} listings · ` +
        `${scopesClosed}/${scopes} scopes`,
    );
}
