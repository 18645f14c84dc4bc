/** Arrows go one way. Each rule is a line of the table in DECISIONS.md 3; `npm test` runs them. */
const only = (name, from, allowed, comment, except) => ({
  name,
  severity: 'error',
  comment,
  from: except === undefined ? {path: from} : {path: from, pathNot: except},
  to: {pathNot: [from, ...allowed], dependencyTypesNot: ['type-only']},
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: {circular: true, viaOnly: {dependencyTypesNot: ['type-only']}},
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {orphan: true, path: '^(src|scrapers|pipelines|drizzle)/', pathNot: ['^drizzle/migrations/']},
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: {couldNotResolve: true, pathNot: ['^@tensorflow/tfjs-node$']},
    },
    only(
      'domain-is-pure',
      '^src/domain/',
      ['^zod$', 'node_modules/zod/'],
      'domain knows only words and types',
    ),
    only(
      'lib-is-pure',
      '^src/lib/',
      [
        '^src/domain/',
        '^(node:)?crypto$',
        'node_modules/(zod|kdbush|flatbush|flatqueue|point-in-polygon-hao|robust-predicates)/',
      ],
      'lib computes; it never reads or writes',
    ),
    only(
      'portal-toolkit',
      '^src/portal/',
      ['^src/(domain|lib)/', 'node_modules/cheerio/'],
      'what a portal file is made of has no I/O',
    ),
    only(
      'portals-are-values',
      '^scrapers/',
      ['^src/(portal|domain|lib)/'],
      'a portal reaches no network, clock, disk or database',
    ),
    {
      name: 'portals-know-nothing-of-each-other',
      severity: 'error',
      // A portal may be several files: fincaraiz.ts, fincaraiz-listing.ts.
      from: {path: '^scrapers/([^/.-]+)', pathNot: '^scrapers/index'},
      to: {path: '^scrapers/', pathNot: '^scrapers/$1'},
    },
    only(
      'models-are-pure',
      '^src/ml/',
      ['^src/(domain|lib)/', 'node_modules/@tensorflow/', '^(node:)?(crypto|module|path|url)$'],
      'ml computes; only model-store touches the disk, only workers start threads',
      '^src/ml/(model-store|workers/)',
    ),
    only(
      'cores-are-pure',
      '^pipelines/[^/]+/(?!stage)',
      ['^pipelines/$1/', '^src/(domain|lib|ml|portal)/', '^(node:)?crypto$'],
      'a core sees values, never a database or a disk',
    ),
    {
      name: 'stages-know-nothing-of-each-other',
      severity: 'error',
      from: {path: '^pipelines/([^/]+)/'},
      to: {path: '^pipelines/', pathNot: '^pipelines/$1/'},
    },
    {
      name: 'db-is-a-floor',
      severity: 'error',
      from: {path: '^src/db/'},
      to: {path: '^(pipelines|scrapers|src/(crawl|cli|stage|imports|simulator|archive))/'},
    },
    {
      name: 'crawl-knows-no-stage',
      severity: 'error',
      from: {path: '^src/(crawl|archive|imports)/'},
      to: {path: '^(pipelines|scrapers|src/(cli|simulator|stage))/'},
    },
    {
      name: 'cli-is-the-root',
      severity: 'error',
      from: {path: '^(src/(?!cli)|scrapers|pipelines|drizzle)'},
      to: {path: '^src/cli/'},
    },
    {
      name: 'simulator-stands-apart',
      severity: 'error',
      from: {path: '^(src/(?!cli|simulator)|scrapers|pipelines)'},
      to: {path: '^src/simulator/'},
    },
  ],
  options: {
    doNotFollow: {path: 'node_modules'},
    tsPreCompilationDeps: true,
    tsConfig: {fileName: 'tsconfig.json'},
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
