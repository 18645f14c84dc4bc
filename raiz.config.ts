import {definePolicy} from './src/config/policy.ts';

/** Municipalities of the Valle de Aburrá, as the portals spell them in their addresses. */
const VALLE_DE_ABURRA = [
  'antioquia/medellin',
  'antioquia/bello',
  'antioquia/itagui',
  'antioquia/envigado',
  'antioquia/sabaneta',
  'antioquia/la-estrella',
  'antioquia/caldas',
  'antioquia/copacabana',
  'antioquia/girardota',
  'antioquia/barbosa',
];

/** What is collected: homes, land and premises. */
const TYPES = [
  'apartment',
  'studio',
  'house',
  'country_house',
  'land',
  'retail',
  'office',
  'warehouse',
] as const;

export default definePolicy({
  portals: {
    fincaraiz: {
      places: VALLE_DE_ABURRA,
      operations: ['sale', 'rent'],
      propertyTypes: [...TYPES],
      maxPagesPerRun: 4000,
      cadence: {cron: '30 1 * * *', shards: 1},
    },
    // Without a cadence: a person crawls them, having decided so with `raiz portal review`.
    metrocuadrado: {
      places: VALLE_DE_ABURRA,
      operations: ['sale', 'rent'],
      propertyTypes: ['apartment', 'house', 'land', 'retail', 'office', 'warehouse'],
      maxPagesPerRun: 4000,
    },
    ciencuadras: {
      places: VALLE_DE_ABURRA,
      operations: ['sale', 'rent'],
      propertyTypes: [...TYPES],
      maxPagesPerRun: 4000,
    },
  },
});
