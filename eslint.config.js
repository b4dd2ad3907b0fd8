import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const SEE = 'See ARCHITECTURE.md, "Who may import whom".';
const isTest = ['**/*.test.{ts,tsx}', '**/*.contract.ts', 'lib/testing/**', '**/fixtures/**'];

/** Regexes, not globs: ESLint reads a glob as a gitignore line, and there a leading # is a comment. */
const folders = (...names) => ({ regex: `^(#|(\\.\\./)+)(${names.join('|')})/`, message: SEE });
const packages = (...names) => ({ regex: `^(${names.join('|')})`, message: SEE });
const testOnly = packages('#lib/testing/');
const layer = (files, patterns, rules = {}) => ({
  files,
  ignores: isTest,
  rules: {
    'no-restricted-imports': ['error', { patterns: [testOnly, ...patterns] }],
    ...rules,
  },
});

const impure = {
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Take a Clock or an instant.' },
    { object: 'performance', property: 'now', message: 'Take a Clock or an instant.' },
    { object: 'Math', property: 'random', message: 'Take a random source.' },
    { object: 'process', property: 'env', message: 'Take it from Config.' },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: 'Take a Clock or an instant.',
    },
  ],
};
const noGlobals = {
  'no-restricted-globals': [
    'error',
    ...[
      'process',
      'fetch',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'window',
      'document',
      'console',
      'performance',
      'Buffer',
      'crypto',
    ],
  ],
};

/** Folders of server/ and the sibling folders each may import, besides itself. main-level files may import everything. */
const SERVER = {
  ports: [],
  lifecycle: ['ports'],
  config: ['ports'],
  records: [],
  compute: ['ports', 'lifecycle', 'records'],
  hub: ['ports', 'lifecycle', 'records'],
  kafka: ['ports'],
  store: ['ports'],
  memory: ['ports'],
  broker: ['ports'],
  telemetry: ['ports'],
  feed: ['ports', 'hub', 'compute'],
  http: ['ports', 'hub', 'compute'],
  cli: ['ports', 'config', 'lifecycle'],
  demo: ['ports', 'lifecycle'],
};
const notForServer = [
  folders('components', 'app', 'e2e'),
  packages('react', 'react-dom', 'recharts', '@tanstack/'),
];
const serverLayers = Object.entries(SERVER).map(([name, allowed]) => {
  const denied = Object.keys(SERVER).filter((other) => other !== name && !allowed.includes(other));
  const siblings = { regex: `^(#server/|\\.\\./)(${denied.join('|')})/`, message: SEE };
  // The last three live at the edge: they may read the clock and the environment.
  const edge = ['config', 'cli', 'demo', 'broker', 'lifecycle'].includes(name);
  return layer([`server/${name}/**/*.ts`], [...notForServer, siblings], edge ? {} : impure);
});

const notForComponents = [
  folders('server', 'app', 'e2e'),
  packages('node:', 'kafkajs$', 'socket\\.io$'),
];
const viewOnly = [
  { regex: '^react$', importNamePattern: '^use', message: 'A view has no hooks.' },
  packages('#components/feed/', 'socket\\.io-client', '@tanstack/'),
];

export default defineConfig([
  {
    ignores: [
      '.next',
      '.freshet',
      'node_modules',
      'next-env.d.ts',
      'test-results',
      'playwright-report',
    ],
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strict],
    languageOptions: { parser: tseslint.parser },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 6],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    files: [
      '**/*.test.{ts,tsx}',
      '**/*.contract.ts',
      'lib/testing/**',
      'e2e/**/*.ts',
      'bench/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'max-lines': 'off',
      'no-console': 'off',
    },
  },
  layer(
    ['lib/**/*.ts'],
    [
      {
        regex: '^(?!#lib/|\\./|zod$|yaml$|@marcbachmann/cel-js$)',
        message: 'lib imports lib, zod, yaml and cel-js.',
      },
    ],
    { ...impure, ...noGlobals },
  ),
  ...serverLayers,
  layer(['components/**/*.{ts,tsx}'], notForComponents),
  layer(['components/**/*-view.tsx'], [...notForComponents, ...viewOnly]),
  layer(['app/**/*.{ts,tsx}'], [folders('server', 'e2e')]),
  {
    files: ['e2e/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [folders('components', 'app')] }],
    },
  },
]);
