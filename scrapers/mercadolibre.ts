import {declinePortal} from '../src/portal/define-portal.ts';

export default declinePortal({
  id: 'mercadolibre',
  name: 'Mercado Libre Inmuebles',
  homepage: 'https://inmuebles.mercadolibre.com.co',
  owner: '@raiz',
  status: 'declined',
  caveats: [
    'Search pages answer a proof-of-work challenge (page seen on 2026-09-13): nothing is asked of them.',
    'The search API asks for a registered application (OAuth) since about the end of 2025: the one clean way, and only ' +
      'if its terms allow what Raíz does.',
  ],
  policy: {
    known:
      'Search pages: a challenge page, saved on 2026-09-13; other public projects report redirects to an account check. ' +
      'API api.mercadolibre.com (site MCO): open without login until about the end of 2025, OAuth since. robots.txt and ' +
      'terms have not been read.',
  },
});
