/**
 * robots.txt after RFC 9309, and as Google's open-source parser reads what the RFC leaves open: groups of one product
 * token are merged, the longest rule wins (Allow wins a tie), `*` and `$` are wildcards, comparison is by percent-encoded
 * octets; usual misspellings count, and so does a line that lacks its colon.
 */

interface RobotsRule {
  readonly isAllowed: boolean;
  /** Percent-encoded, with `*` and a final `$` as wildcards. */
  readonly pattern: string;
}

export interface RobotsRules {
  /** True when the address may be requested. `path` is path and query as they go over the wire. */
  readonly allows: (path: string) => boolean;
  /** `Crawl-delay` of the group that speaks to us, milliseconds; 0: none. */
  readonly crawlDelayMs: number;
}

/** Rules of a server without robots.txt. */
export const ALLOW_ALL: RobotsRules = {allows: () => true, crawlDelayMs: 0};
/** Rules of a server whose robots.txt can't be known now. */
export const DISALLOW_ALL: RobotsRules = {allows: path => path === '/robots.txt', crawlDelayMs: 0};

interface Group {
  readonly agents: string[];
  readonly rules: RobotsRule[];
  crawlDelayMs: number;
}

/**
 * Reads a robots.txt for one product token.
 * @param product first word of our user agent, as `Raiz`; compared without case.
 */
export function parseRobots(text: string, product: string): RobotsRules {
  const groups = readGroups(text);
  const token = product.toLowerCase();
  const ours = groups.filter(group => group.agents.includes(token));
  const chosen = ours.length > 0 ? ours : groups.filter(group => group.agents.includes('*'));
  const rules = chosen.flatMap(group => group.rules);
  return {
    allows: path => isAllowed(rules, path),
    crawlDelayMs: Math.max(0, ...chosen.map(group => group.crawlDelayMs)),
  };
}

function readGroups(text: string): Group[] {
  const groups: Group[] = [];
  let group: Group | undefined;
  let isNamingAgents = false;
  // A byte order mark, or what is left of one.
  for (const line of text.replace(/^[\ufeff\ufffd]+/, '').split(/\r\n|\r|\n/)) {
    const {key, value} = readLine(line);
    if (key === 'user-agent') {
      if (group === undefined || !isNamingAgents) {
        group = {agents: [], rules: [], crawlDelayMs: 0};
        groups.push(group);
      }
      group.agents.push(agentToken(value));
      isNamingAgents = true;
    } else if (key === 'allow' || key === 'disallow') {
      isNamingAgents = false;
      if (value !== '') group?.rules.push({isAllowed: key === 'allow', pattern: normalizePath(value)});
    } else if (key === 'crawl-delay') {
      const seconds = Number.parseFloat(value);
      if (group !== undefined && Number.isFinite(seconds) && seconds > 0) group.crawlDelayMs = seconds * 1000;
    }
    // Only Allow and Disallow end the naming of agents: Crawl-delay, Sitemap and unknown lines don't.
  }
  return groups;
}

const KEYS = [
  ['user-agent', /^user[- ]?agent/],
  ['allow', /^allow/],
  ['disallow', /^(disallow|dissallow|dissalow|disalow|diasllow|disallaw)/],
  ['crawl-delay', /^crawl-?delay/],
] as const;

type RobotsKey = (typeof KEYS)[number][0];

/** Key and value of a line; no key: it says nothing to us. */
function readLine(line: string): {readonly key: RobotsKey | undefined; readonly value: string} {
  const said = line.replace(/#.*/s, '').trim();
  const colon = said.indexOf(':');
  // Without a colon two words are still a rule, more are prose.
  const words = colon >= 0 ? [said.slice(0, colon), said.slice(colon + 1)] : said.split(/\s+/);
  if (words.length !== 2) return {key: undefined, value: ''};
  const name = words[0]?.trim().toLowerCase() ?? '';
  return {key: KEYS.find(([, spelling]) => spelling.test(name))?.[0], value: words[1]?.trim() ?? ''};
}

/** `Foo Bar/1.0` speaks to the product `foo`; `*` stands alone, `*bot` speaks to nobody. */
function agentToken(value: string): string {
  return /^\*(\s|$)/.test(value) ? '*' : (/^[A-Za-z_-]+/.exec(value)?.[0].toLowerCase() ?? '');
}

function isAllowed(rules: readonly RobotsRule[], path: string): boolean {
  const wanted = normalizePath(path);
  if (wanted === '/robots.txt') return true;
  let best: RobotsRule | undefined;
  for (const rule of rules) {
    if (best !== undefined && rule.pattern.length < best.pattern.length) continue;
    if (best !== undefined && rule.pattern.length === best.pattern.length && !rule.isAllowed) continue;
    if (matches(rule.pattern, wanted)) best = rule;
  }
  return best?.isAllowed ?? true;
}

/** True when the pattern matches a beginning of the path (all of it, after a final `$`). Linear, no regular expression. */
function matches(pattern: string, path: string): boolean {
  const isAnchored = pattern.endsWith('$');
  const [first = '', ...rest] = (isAnchored ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop();
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  if (last === undefined) return !isAnchored || at === path.length;
  if (!isAnchored) return path.indexOf(last, at) >= 0;
  return path.length - last.length >= at && path.endsWith(last);
}

const UNRESERVED = /[A-Za-z0-9._~-]/;
const encoder = new TextEncoder();

/** One spelling of a path: other than ASCII percent-encoded, unreserved characters decoded, hex digits upper case. */
function normalizePath(path: string): string {
  let result = '';
  for (const match of path.matchAll(/%([0-9a-fA-F]{2})|./gsu)) {
    const [character, hex] = match;
    if (hex !== undefined) {
      const decoded = String.fromCharCode(Number.parseInt(hex, 16));
      result += UNRESERVED.test(decoded) ? decoded : `%${hex.toUpperCase()}`;
    } else if (character > '\u007f' || character === ' ') {
      for (const byte of encoder.encode(character))
        result += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    } else {
      result += character;
    }
  }
  return result;
}
