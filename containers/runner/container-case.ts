import type { RunCase } from '../../conformance/harness/run.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Topology } from '../topologies/topology.ts';

/** A scenario in a topology: what a report calls a case. */
export interface ContainerCase extends RunCase {
  readonly topology: Topology;
  readonly scenario: Scenario;
}

export function casesOf(topologies: readonly Topology[], scenarios: readonly Scenario[]): readonly ContainerCase[] {
  return topologies.flatMap((topology) =>
    scenarios
      .filter(({ topologies: ids }) => ids?.includes(topology.id) ?? topology.onlyNamed !== true)
      .map((scenario): ContainerCase => {
        const { name, title, requirement, source, level, tags, needs } = scenario;
        return {
          id: `${topology.id}/${name}`,
          title,
          requirement,
          source,
          level,
          tags: ['containers', ...tags],
          needs: [topology.method, ...needs],
          topology,
          scenario,
        };
      }),
  );
}

/** As a report keeps it. */
export function factsOf({ id, title, requirement, source, level, tags, needs }: ContainerCase): RunCase {
  return { id, title, requirement, source, level, tags, needs };
}
