/** The table of cleaning rules as the page `docs/cleaning.md`. Pure. */
import {cleaningRules} from '../cleaning-rules.ts';
import {ADVERT_RULES} from './advert-rules.ts';
import {HOME_RULES} from './home-rules.ts';
import {PRICE_RULES} from './price-rules.ts';

const SECTIONS: readonly (readonly [string, object])[] = [
  ['Prices and fees', PRICE_RULES],
  ['Areas, rooms, places and words', HOME_RULES],
  ['Adverts, rows and records', ADVERT_RULES],
];

const HEAD = `# Cleaning rules

Made from \`src/domain/cleaning-rules.ts\` by \`raiz rules --markdown\`; do not edit.

Nothing is dropped in silence. What a rule does to a value stands in \`core.quarantine\` with the value as stated; prices also keep it beside the believed one (\`price_stated\`, \`correction\`). **flagged**: noted only. **nulled**: the field is empty. **corrected**: another value is believed. **excluded**: the advert keeps its history and stays out of statistics, models and releases. **rejected**: a row or record never became an observation. Counts with an example: \`api.quality_rule\`; run by run: \`raiz quality\` and \`api.quality_report\`.

The same adverts are judged again by \`enrich\`, by place: see \`geo_quality\` (\`shared_pin\`, \`outside\`).
`;

export function cleaningMarkdown(): string {
  const sections = SECTIONS.map(([title, names]) => {
    const rules = cleaningRules().filter(({name}) => name in names);
    const lines = rules.map(({name, rule: {effects, sees, does, why, example}}) => {
      const value = example.value === '' ? 'nothing' : `\`${example.value}\``;
      return `| \`${name}\` | ${effects.join(', ')} | ${sees} | ${does} | ${why} | \`${example.field}\`: ${value} → \`${example.result}\` |`;
    });
    return `\n## ${title}\n\n| rule | effect | sees | does | why | example |\n|---|---|---|---|---|---|\n${lines.join('\n')}\n`;
  });
  return HEAD + sections.join('');
}
