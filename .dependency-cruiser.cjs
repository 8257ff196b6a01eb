/** The arrows of the design: reports → conformance → generators → reference; the commands and the containers stand on top. */
const layers = ['reference', 'generators', 'conformance', 'reports', 'command', 'containers', 'benchmarks'];

const forbidden = layers.flatMap((layer, index) => {
  const above = layers.slice(index + 1);
  return above.length === 0
    ? []
    : [
        {
          name: `${layer}-looks-up`,
          comment: `${layer}/ may not depend on ${above.join('/, ')}/`,
          severity: 'error',
          from: { path: `^${layer}/` },
          to: { path: `^(${above.join('|')})/` },
        },
      ];
});

module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'reference-is-pure',
      comment: 'The reference director uses no Node API and no package. What only its tests use may.',
      severity: 'error',
      from: { path: '^reference/', pathNot: '\\.test\\.ts$|^reference/testing/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional'] },
    },
    {
      name: 'one-file-makes-system-calls',
      comment: 'koffi is native code that not every platform has: only the director on interfaces loads it.',
      severity: 'error',
      from: { pathNot: '^command/director/linux-host\\.ts$' },
      to: { path: '^node_modules/koffi/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules' },
    exclude: { path: '^(dist|conformance-report|containers-report)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  },
};
