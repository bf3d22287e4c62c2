// Lint with types, and the arrows between packages (ARCHITECTURE.md, "Arrows"): what is not allowed here is forbidden.
import js from '@eslint/js';
import n from 'eslint-plugin-n';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

const packages = ['envelope', 'chain', 'core', 'relay', 'relay-client', 'host', 'cli', 'phone', 'e2e', 'bench'];

/** Which of our packages the files of a folder may import; `extra` are further forbidden patterns. */
function arrows(files, allowed, extra = []) {
  const forbidden = packages.filter((name) => !allowed.some((a) => a === name || a.startsWith(`${name}/`)));
  const partial = allowed
    .filter((a) => a.includes('/'))
    .map((a) => ({
      regex: `^@palmkey/${a.split('/')[0]}(?!/${a.split('/')[1]}$)`,
      message: `only @palmkey/${a} may be imported here (ARCHITECTURE.md, "Arrows")`,
    }));
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...forbidden.map((name) => ({
              regex: `^@palmkey/${name}(/|$)`,
              message: `the arrow to ${name} is not drawn (ARCHITECTURE.md, "Arrows")`,
            })),
            ...partial,
            ...extra,
            { regex: '^(\\.\\./)+(packages|apps|vectors)/', message: 'import a package by its name' },
          ],
        },
      ],
    },
  };
}
const noNode = { regex: '^node:', message: 'a pure package has no node:* (its ports are arguments)' };
const noOpening = {
  regex: '^(@noble/|@scure/|libsodium|tweetnacl|hash-wasm|@msgpack/)',
  message: 'what the relay is built from can hold nothing that could open a body',
};

export default ts.config(
  {
    ignores: [
      '**/dist/**',
      '**/dist-types/**',
      '**/.cache/**',
      '**/node_modules/**',
      'e2e/artifacts/**',
      'bench/results/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.ts'],
    plugins: { n },
    rules: { 'n/no-extraneous-import': 'error' },
  },
  { files: ['apps/phone/src/**/*.tsx'], ...hooks.configs.flat.recommended },
  arrows(['packages/envelope/src/**'], [], [noNode]),
  arrows(['packages/chain/src/**'], ['envelope'], [noNode, noOpening]),
  arrows(['packages/core/src/**'], ['envelope', 'chain'], [noNode]),
  arrows(['packages/relay/src/**'], ['envelope', 'chain'], [noOpening]),
  arrows(['packages/relay-client/src/**'], ['envelope', 'core/crypto']),
  arrows(['packages/host/src/**'], ['envelope', 'chain', 'core', 'relay-client']),
  // What tests of the host play on has a real relay in it; nothing that is shipped imports it.
  arrows(['packages/host/src/testing/**'], ['envelope', 'chain', 'core', 'relay', 'relay-client']),
  arrows(['packages/cli/src/**'], ['core', 'host', 'relay', 'relay-client']),
  arrows(['apps/phone/src/**'], ['envelope', 'chain', 'core', 'relay-client'], [noNode]),
  {
    // Tests stand beside the source but may use Node, the vectors and the oracles.
    files: ['**/*.test.ts', '**/*.test.tsx', 'vectors/**', 'e2e/**', 'bench/**', 'scripts/**'],
    rules: {
      'no-restricted-imports': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { require: 'readonly', module: 'writable', Buffer: 'readonly' },
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
    rules: { 'no-console': 'off' },
  },
);
