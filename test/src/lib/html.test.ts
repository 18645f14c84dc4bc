import {expect, test} from 'vitest';
import {escapeHtml} from '../../../src/lib/html.ts';

test('nothing of a text can open a tag or end an attribute', () => {
  expect(escapeHtml(`<b class="x" title='y'>&amp;`)).toBe(
    '&lt;b class=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;',
  );
});
