import {userInfo} from 'node:os';
import {Command} from 'commander';
import {findPortal} from '../../../scrapers/index.ts';
import {latestReview, type PortalReview, recordReview} from '../../db/reviews.ts';
import {ConfigError} from '../../domain/errors.ts';
import {bogotaDay} from '../../lib/bogota-day.ts';
import {withDatabase} from '../context.ts';
import {print, printJson} from '../output.ts';

interface Flags {
  readonly crawl?: string;
  readonly release?: string;
  readonly sell?: string;
  readonly by?: string;
  readonly note?: string;
  readonly json?: boolean;
}

/** `raiz portal review`: shows a person what is known, and records what they decide for this installation. */
export function reviewCommand(): Command {
  return new Command('review')
    .description("record a person's decision on crawling the real site; without flags, show the last one")
    .argument('<portal>', 'id of the portal')
    .option('--crawl <yes|no>', 'may this installation crawl it')
    .option('--release <yes|no>', 'may what is collected be released to others (default no)')
    .option('--sell <yes|no>', 'may it be sold (default no)')
    .option('--by <name>', 'who decides (default: the user of this machine)')
    .option('--note <text>', 'what was read: robots.txt and terms, of which day')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      "\nExample:\n  raiz portal review fincaraiz\n  raiz portal review fincaraiz --crawl yes --by 'Ana' --note 'robots.txt and terms of 2026-11-20 read'",
    )
    .action(async (id: string, flags: Flags) => {
      const portal = findPortal(id);
      await withDatabase({}, async ({database}) => {
        if (flags.crawl !== undefined)
          await recordReview(database.orm, reviewOf(portal.id, flags, bogotaDay(new Date())));
        const review = await latestReview(database.orm, portal.id);
        if (flags.json === true)
          printJson({portal: portal.id, known: portal.policy.known, review: review ?? null});
        else {
          print(`${portal.name}: ${portal.policy.known}`);
          print(review === undefined ? pendingLine(portal.id, portal.homepage) : reviewLine(review));
        }
      });
    });
}

function reviewOf(portal: string, flags: Flags, reviewedOn: string): PortalReview {
  const note = flags.note?.trim() ?? '';
  if (note === '')
    throw new ConfigError('say with --note what was read (robots.txt and terms) and of which day');
  return {
    portal,
    reviewedOn,
    reviewedBy: flags.by ?? userInfo().username,
    mayCrawl: yesOrNo('--crawl', flags.crawl),
    mayRelease: yesOrNo('--release', flags.release ?? 'no'),
    maySell: yesOrNo('--sell', flags.sell ?? 'no'),
    note,
  };
}

function yesOrNo(flag: string, value: string | undefined): boolean {
  if (value !== 'yes' && value !== 'no') throw new ConfigError(`${flag} is yes or no, got "${value ?? ''}"`);
  return value === 'yes';
}

function pendingLine(id: string, homepage: string): string {
  return (
    `No decision yet: a crawl of the real site refuses. Read ${homepage}/robots.txt and the terms, then\n` +
    `  raiz portal review ${id} --crawl yes --by <you> --note '<what you read, of which day>'`
  );
}

function reviewLine(review: PortalReview): string {
  const may = (what: string, allowed: boolean) => `${what} ${allowed ? 'yes' : 'no'}`;
  return (
    `Decided on ${review.reviewedOn} by ${review.reviewedBy}: ${may('crawl', review.mayCrawl)}, ` +
    `${may('release', review.mayRelease)}, ${may('sell', review.maySell)}. ${review.note}`
  );
}
