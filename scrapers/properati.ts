import {declinePortal} from '../src/portal/define-portal.ts';

export default declinePortal({
  id: 'properati',
  name: 'Properati',
  homepage: 'https://www.properati.com.co',
  owner: '@raiz',
  status: 'declined',
  caveats: [
    'Closed to honest robots since 2026-08-26: every plain request is answered 401, and a headless browser too.',
    'Many of its adverts come from agencies that also publish on other portals (inferred from its feed partners).',
    'The open data it published until about 2021 can be imported as files: that asks nothing of the site.',
  ],
  policy: {
    known:
      'An honest robot got 403, also for robots.txt (2026-05); 401 for plain requests and headless browsers since ' +
      '2026-08-26, again on 2026-09-13; only a browser with a window passed (2026-09-07). All as two public projects ' +
      'report it. Raíz does not get around a refusal.',
  },
});
