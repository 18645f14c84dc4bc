import {userInfo} from 'node:os';
import {Command} from 'commander';
import {
  loadPropertyAdverts,
  type PropertyAdvert,
  type PropertyDecision,
  recordPropertyDecisions,
} from '../../db/properties.ts';
import {ConfigError} from '../../domain/errors.ts';
import type {PropertyVerdict} from '../../domain/vocabulary.ts';
import {type CommandContext, withDatabase} from '../context.ts';
import {formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly by?: string;
  readonly note: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** `raiz property`: what makes a home, and a person's word on it, which later runs of match honour. */
export function propertyCommand(): Command {
  return new Command('property')
    .description('homes made of several adverts: show one, join two, split one off')
    .addCommand(
      withFlags('show', 'the adverts of a home, each with why it belongs')
        .argument('<id>', 'property id or listing id')
        .action(show),
    )
    .addCommand(
      withDecisionFlags('join', 'two adverts are one home, whatever match thinks')
        .argument('<listing>', 'listing id')
        .argument('<other>', 'listing id of the other advert')
        .action(join),
    )
    .addCommand(
      withDecisionFlags('split', 'an advert is not the home of the adverts it was matched with')
        .argument('<listing>', 'listing id')
        .argument('[other...]', 'only not with these (default: all other adverts of its home)')
        .action(split),
    );
}

function withFlags(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', `\nExample:\n  raiz property ${name} fincaraiz:id:193349683${EXAMPLE[name] ?? ''}`);
}

const EXAMPLE: Readonly<Record<string, string>> = {
  join: ' metrocuadrado:id:3500-M4 --note "same balcony in the photos"',
  split: ' --note "another tower"',
};

function withDecisionFlags(name: string, description: string): Command {
  return withFlags(name, description)
    .option('--by <name>', 'who decides (default: the user of this machine)')
    .requiredOption('--note <text>', 'why');
}

async function show(id: string, flags: Flags): Promise<void> {
  await withDatabase({demo: flags.demo}, async ({database}) => {
    const adverts = await loadPropertyAdverts(database.orm, id);
    if (adverts.length === 0) throw unknownHome(id);
    if (flags.json === true) printJson(adverts);
    else print(advertsTable(adverts));
  });
}

async function join(listing: string, other: string, flags: Flags): Promise<void> {
  if (listing === other)
    throw new ConfigError('an advert is one home with itself already; give two listing ids');
  await withDatabase({demo: flags.demo}, async context => {
    for (const id of [listing, other]) await requireListing(context, id);
    await decide(context, 'join', listing, [other], flags);
  });
}

async function split(listing: string, others: string[], flags: Flags): Promise<void> {
  await withDatabase({demo: flags.demo}, async context => {
    const adverts = await requireListing(context, listing);
    for (const other of others) await requireListing(context, other);
    const siblings = adverts.map(advert => advert.listingId).filter(id => id !== listing);
    const apart = others.length > 0 ? others : siblings;
    if (apart.length === 0)
      throw new ConfigError(`${listing} is the only advert of its home: nothing to split`);
    await decide(context, 'split', listing, apart, flags);
  });
}

async function requireListing({database}: CommandContext, id: string): Promise<PropertyAdvert[]> {
  const adverts = await loadPropertyAdverts(database.orm, id);
  if (!adverts.some(advert => advert.listingId === id)) throw unknownHome(id);
  return adverts;
}

async function decide(
  {database}: CommandContext,
  verdict: PropertyVerdict,
  listingId: string,
  others: readonly string[],
  flags: Flags,
): Promise<void> {
  const decisions: PropertyDecision[] = others.map(otherListingId => ({
    listingId,
    otherListingId,
    verdict,
    decidedAt: new Date(),
    decidedBy: flags.by ?? userInfo().username,
    note: flags.note,
  }));
  await recordPropertyDecisions(database.orm, decisions);
  if (flags.json === true) printJson(decisions);
  else
    print(
      `Recorded: ${listingId} ${verdict === 'join' ? 'is one home with' : 'is another home than'} ${others.join(', ')}.\n` +
        `It takes effect with the next match: raiz stage match${flags.demo === true ? ' --demo' : ''}`,
    );
}

function unknownHome(id: string): ConfigError {
  return new ConfigError(
    `no matched listing or home "${id}". Ids read fincaraiz:id:193349683 or p:…; run "raiz stage match" first if it is new.`,
  );
}

function advertsTable(adverts: readonly PropertyAdvert[]): string {
  return formatTable(adverts, [
    {title: 'home', value: row => row.propertyId},
    {title: 'listing', value: row => row.listingId},
    {title: 'status', value: row => row.status},
    {title: 'why', value: row => row.reason},
    {title: 'sure', align: 'right', value: row => row.score.toFixed(3)},
    {title: 'title', value: row => row.title},
    {title: 'url', value: row => row.url},
  ]);
}
