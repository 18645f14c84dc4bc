/** A saved page as a candidate for a fixture: kept and redacted as a crawl would, with a report of what fell away. */
import type {JsonValue, PageContent} from '../domain/page.ts';
import {canonicalJson} from '../lib/canonical-json.ts';
import {unusedRules} from './check-pages.ts';
import type {Portal} from './define-portal.ts';
import {cutCanonicalUrl} from './embedded.ts';
import {redactContent, redactUrl} from './redact.ts';
import {isObject} from './take.ts';
import type {TriedPage} from './try.ts';

export interface Capture {
  readonly content: PageContent;
  /** A page that this portal file keeps as it kept the original; null: no script of the page could carry the state. */
  readonly html: string | null;
  readonly report: CaptureReport;
}

/** What fell away, by name and number; never a value. */
export interface CaptureReport {
  readonly charactersBefore: number;
  readonly charactersAfter: number;
  /** Paths that redaction removed; list positions are written `[]`. */
  readonly droppedPaths: readonly string[];
  /** Paths whose text or pseudonym redaction changed. */
  readonly changedPaths: readonly string[];
  /** Keys of `redact` that the page doesn't have: a rule that isn't adapted yet lets people through. */
  readonly unusedRules: readonly string[];
  /** `[TEL]` and the others, with how often they now stand in the page. */
  readonly tokens: Readonly<Record<string, number>>;
}

/** Throws `PageShapeError` when the page has nothing that the portal file would keep. */
export function capturePage(portal: Portal, {body, url}: TriedPage, hashKey: string): Capture {
  const kept = portal.keep(body);
  const content = redactContent(kept, portal.redact, hashKey);
  const address = url ?? cutCanonicalUrl(body);
  const canonical = address === null ? null : redactUrl(address, portal.redact);
  return {
    content,
    html: rebuild(portal, body, content, canonical, hashKey),
    report: reportOf(portal, body.length, kept, content),
  };
}

/** The smallest page that says the same: each script of the original is tried as the one that carries the state. */
function rebuild(
  portal: Portal,
  body: string,
  content: PageContent,
  canonical: string | null,
  hashKey: string,
): string | null {
  const tags = new Set(['', ...(body.match(/<script\b[^>]*\bid\s*=[^>]*>/gi) ?? [])]);
  for (const tag of tags) {
    const html = pageWith(content, canonical, tag);
    if (saysTheSame(portal, html, content, hashKey)) return html;
  }
  return null;
}

function saysTheSame(portal: Portal, html: string, content: PageContent, hashKey: string): boolean {
  try {
    const again = redactContent(portal.keep(html), portal.redact, hashKey);
    return canonicalJson(again as unknown as JsonValue) === canonicalJson(content as unknown as JsonValue);
  } catch {
    return false; // not the script this portal file reads its state from
  }
}

function pageWith(
  {title, state, jsonLd, notices}: PageContent,
  canonical: string | null,
  tag: string,
): string {
  const link = canonical === null ? '' : `<link rel="canonical" href="${escapeHtml(canonical)}"/>`;
  const ld = jsonLd.map(block => `<script type="application/ld+json">${scriptJson(block)}</script>\n`);
  return (
    `<!DOCTYPE html>\n<html lang="es-CO"><head><meta charset="utf-8"/><title>${escapeHtml(title ?? '')}</title>${link}</head>\n` +
    `<body>\n${notices.map(notice => `<p>${escapeHtml(notice)}</p>\n`).join('')}${ld.join('')}` +
    `${tag === '' || state === null ? '' : `${tag}\n${scriptJson(state)}\n</script>\n`}</body></html>\n`
  );
}

function scriptJson(value: JsonValue): string {
  return JSON.stringify(value, null, 1).replace(/</g, '\\u003c');
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

function reportOf(
  portal: Portal,
  charactersBefore: number,
  kept: PageContent,
  content: PageContent,
): CaptureReport {
  const before = leavesOf({...kept} as unknown as JsonValue, '$');
  const after = leavesOf({...content} as unknown as JsonValue, '$');
  const text = JSON.stringify(content);
  const tokens: Record<string, number> = {};
  for (const [token] of text.matchAll(/\[(?:TEL|EMAIL|NOMBRE|UNIDAD|DOCUMENTO)\]/g))
    tokens[token] = (tokens[token] ?? 0) + 1;
  const paths = (wanted: (path: string) => boolean) =>
    [...new Set([...before.keys()].filter(wanted).map(path => path.replace(/\[\d+\]/g, '[]')))].sort();
  return {
    charactersBefore,
    charactersAfter: text.length,
    unusedRules: unusedRules(portal, [kept]),
    droppedPaths: paths(path => !after.has(path)),
    changedPaths: paths(path => after.has(path) && after.get(path) !== before.get(path)),
    tokens,
  };
}

/** Every value that holds no other, by its path. */
function leavesOf(value: JsonValue, path: string, leaves = new Map<string, JsonValue>()) {
  if (Array.isArray(value))
    for (const [at, element] of value.entries()) leavesOf(element, `${path}[${at}]`, leaves);
  else if (isObject(value))
    for (const key of Object.keys(value)) leavesOf(value[key] ?? null, `${path}.${key}`, leaves);
  else leaves.set(path, value);
  return leaves;
}
